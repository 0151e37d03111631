#include "bench/process/rendezvous.h"

#include "bench/failure.h"
#include "bench/process/events.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

namespace headway::bench {
namespace {

std::atomic<bool> end_reached{false};

void listen_for_end() {
    try {
        for (;;) {
            if (next_command().at("command") == "end") end_reached.store(true);
        }
    } catch (...) {
        report_caught_and_exit();
    }
}

}  // namespace

nlohmann::json next_command() {
    std::string line;
    for (;;) {
        char letter = 0;
        const ssize_t bytes = ::read(kCommandsFd, &letter, 1);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes <= 0) ::_exit(kExitFailed);
        if (letter == '\n') return nlohmann::json::parse(line);
        line += letter;
    }
}

std::uint64_t wait_for_start() {
    send_event({{"event", "ready"}});
    const nlohmann::json command = next_command();
    if (command.at("command") != "start") throw Failure("a child was told to end before it began");
    std::thread(listen_for_end).detach();
    return command.at("origin_ns").get<std::uint64_t>();
}

void tell_measured() {
    send_event({{"event", "measured"}});
}

const std::atomic<bool>& all_measured() noexcept {
    return end_reached;
}

}  // namespace headway::bench
