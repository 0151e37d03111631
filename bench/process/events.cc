#include "bench/process/events.h"

#include "bench/failure.h"

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <mutex>
#include <new>

namespace headway::bench {

void send_event(const nlohmann::json& event) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    const std::string line = event.dump() + '\n';
    std::size_t sent = 0;
    while (sent < line.size()) {
        const ssize_t bytes = ::write(kEventsFd, line.data() + sent, line.size() - sent);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes < 0) ::_exit(kExitFailed);
        sent += static_cast<std::size_t>(bytes);
    }
}

void send_phase(const std::string& phase, double seconds) {
    send_event({{"event", "phase"}, {"phase", phase}, {"seconds", seconds}});
}

void report_caught_and_exit() noexcept {
    try {
        try {
            throw;
        } catch (const OutOfMemory& error) {
            send_event({{"event", "out_of_memory"}, {"message", error.what()}});
        } catch (const std::bad_alloc&) {
            send_event({{"event", "out_of_memory"}, {"message", "out of memory"}});
        } catch (const Failure& error) {
            send_event({{"event", "failure"}, {"message", error.what()}, {"code", error.code()}});
        } catch (const std::exception& error) {
            send_event({{"event", "failure"}, {"message", error.what()}, {"code", kExitFailed}});
        }
    } catch (...) {
        // Not even the message fits in memory; the exit status tells the parent enough.
        ::_exit(kExitFailed);
    }
    ::_exit(kExitFailed);
}

}  // namespace headway::bench
