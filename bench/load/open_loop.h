// Serves requests at their scheduled times and measures what a client would see.
#pragma once

#include "bench/load/arrivals.h"
#include "bench/load/load_end.h"
#include "bench/load/window.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace headway::bench {

struct OpenLoopResult {
    std::vector<double> arrivals_ms;   // scheduled, from the start of the measured window
    std::vector<double> latencies_ms;  // from the scheduled arrival to the result
    std::vector<double> services_ms;   // from the start of the work on a request to its result
    // Requests of the window that were given up because the server was a whole window behind.
    std::uint64_t unfinished = 0;
};

// Calls `serve`, which must return when the result is there, for every arrival of `schedule` (whose
// warm-up starts at `origin_ns`) one after the other. Requests go on after the window until `end`
// is reached, so that a competitor is never measured without its load. Blocks.
OpenLoopResult run_open_loop(ArrivalSchedule& schedule,
                             std::uint64_t origin_ns,
                             const MeasuredWindow& window,
                             const std::function<void()>& serve,
                             const LoadEnd& end);

}  // namespace headway::bench
