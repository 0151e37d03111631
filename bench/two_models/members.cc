#include "bench/two_models/members.h"

#include "bench/process/shim.h"
#include "bench/two_models/lanes.h"
#include "bench/two_models/scenario_run.h"
#include "bench/two_models/scenarios.h"
#include "bench/two_models/side.h"
#include "bench/two_models/side_run.h"

#include <utility>

namespace headway::bench {
namespace {

// The variables of the shim, each set or taken away, so that nothing is left to what this program
// was started with.
nlohmann::json lane_environment(const Options& options, bool high, int index) {
    nlohmann::json variables = {
        {"HEADWAY_PRIORITY", std::to_string(high ? options.high_priority : options.low_priority)},
        {"HEADWAY_THRESHOLD", std::to_string(options.threshold)},
        {"HEADWAY_BATCH_SIZE", std::to_string(options.batch_size)},
        {"HEADWAY_BUDGET_US", std::to_string(options.budget_us)},
        {"HEADWAY_LINGER_US", nullptr},
        {"HEADWAY_MAX_HOLD_MS", std::to_string(options.max_hold_ms)},
        {"HEADWAY_TIMESLICE_US", options.timeslice_us},
        {"HEADWAY_NAME", lane_name(options, high, index)}};
    if (options.linger_us != "auto") variables["HEADWAY_LINGER_US"] = options.linger_us;
    return variables;
}

}  // namespace

std::vector<Member> members_of(const Options& options, const Step& step) {
    const Scenario& scenario = *find_scenario(step.scenario);
    nlohmann::json job = {{"task", kScenarioTask},
                          {"options", to_json(options)},
                          {"scenario", step.scenario},
                          {"repeat", step.repeat}};
    const bool shim = scenario.scheduler == Scheduler::kHeadway && options.device != "cpu";
    if (shim) job["preload"] = find_cuda_shim();
    if (options.placement == Placement::kThreads) return {{"", job}};
    std::vector<Member> members;
    job["task"] = kSideTask;
    for (const auto& [high, index] : sides_of(options, scenario)) {
        job["high"] = high;
        job["index"] = index;
        if (shim) job["environment"] = lane_environment(options, high, index);
        members.push_back({label_of(options, high, index), job});
    }
    return members;
}

}  // namespace headway::bench
