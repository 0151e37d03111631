#include "bench/two_models/lanes.h"

#include "bench/failure.h"
#include "headway/torch.h"

#include <fmt/format.h>

namespace headway::bench {

bool asks_for_lanes(const Options& options, const Scenario& scenario) {
    if (scenario.scheduler != Scheduler::kHeadway) return false;
    return options.device == "cpu" || options.placement == Placement::kThreads;
}

std::string lane_name(const Options& options, bool high, int index) {
    if (high) return "bench-high";
    return options.low_count == 1 ? "bench-low" : fmt::format("bench-low-{}", index + 1);
}

void install_gate(const Options& options) {
    if (options.device != "cpu") return;  // there the preloaded driver shim is the gate
    if (headway_torch_install() == HEADWAY_OK) return;
    throw Failure(fmt::format("the LibTorch gate can't be installed: {}", headway_last_error()));
}

Lane open_lane(const Options& options, bool high, int index) {
    LaneOptions lane;
    lane.device = options.device;
    lane.name = lane_name(options, high, index);
    lane.priority = high ? options.high_priority : options.low_priority;
    lane.threshold = options.threshold;
    lane.batch_size = options.batch_size;
    lane.budget_us = options.budget_us;
    lane.linger_us = linger_of(options);
    lane.max_hold_ms = options.max_hold_ms;
    try {
        return Lane::open(lane);
    } catch (const Error& error) {
        throw Failure(fmt::format("no lane on {}: {}", options.device, error.what()));
    }
}

nlohmann::json counters_of(const Lane& lane) {
    const headway_counters_t counters = lane.counters();
    return {{"passed", counters.passed},
            {"gated", counters.gated},
            {"held", counters.held},
            {"bypassed", counters.bypassed},
            {"markers", counters.markers},
            {"hold_ns", counters.hold_ns},
            {"window_ns", counters.window_ns},
            {"hold_timeouts", counters.hold_timeouts}};
}

}  // namespace headway::bench
