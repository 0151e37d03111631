#include "bench/load/open_loop.h"

#include "base/clock.h"

#include <time.h>

#include <algorithm>

namespace headway::bench {
namespace {

// How often a wait after the window looks whether the load may end.
constexpr std::uint64_t kLookNs = 50 * kNsPerMs;

double to_ms(std::uint64_t ns) {
    return static_cast<double>(ns) / static_cast<double>(kNsPerMs);
}

void sleep_until(std::uint64_t time_ns) {
    timespec time{};
    time.tv_sec = static_cast<time_t>(time_ns / kNsPerS);
    time.tv_nsec = static_cast<long>(time_ns % kNsPerS);
    // A signal ends the sleep early; the next turn goes on with it.
    while (now_ns() < time_ns)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

// Waits for an arrival. Returns false if it came after the window and the load has meanwhile ended.
bool wait_for_arrival(std::uint64_t arrival_ns,
                      const MeasuredWindow& window,
                      const std::atomic<bool>& load_may_end) {
    sleep_until(std::min(arrival_ns, window.end_ns));
    while (now_ns() < arrival_ns) {
        if (load_may_end.load(std::memory_order_relaxed)) return false;
        sleep_until(std::min(arrival_ns, now_ns() + kLookNs));
    }
    return true;
}

}  // namespace

OpenLoopResult run_open_loop(ArrivalSchedule& schedule,
                             std::uint64_t origin_ns,
                             const MeasuredWindow& window,
                             const std::function<void()>& serve,
                             const LoadEnd& end) {
    OpenLoopResult result;
    bool all_measured = false;
    const std::uint64_t give_up_ns = window.end_ns + (window.end_ns - window.begin_ns);
    for (;;) {
        const Arrival arrival = schedule.next();
        const std::uint64_t arrival_ns = origin_ns + arrival.offset_ns;
        const bool after_window = !arrival.measured && arrival_ns >= window.end_ns;
        if (after_window && !all_measured) {
            all_measured = true;
            sleep_until(window.end_ns);
            end.measured();
        }
        if (after_window && end.reached.load(std::memory_order_relaxed)) return result;
        if (!wait_for_arrival(arrival_ns, window, end.reached)) return result;
        const std::uint64_t begin_ns = now_ns();
        if (arrival.measured && begin_ns > give_up_ns) {
            ++result.unfinished;
            continue;
        }
        serve();
        const std::uint64_t end_ns = now_ns();
        if (!arrival.measured) continue;
        result.arrivals_ms.push_back(to_ms(arrival_ns - std::min(arrival_ns, window.begin_ns)));
        result.latencies_ms.push_back(to_ms(end_ns - arrival_ns));
        result.services_ms.push_back(to_ms(end_ns - begin_ns));
    }
}

}  // namespace headway::bench
