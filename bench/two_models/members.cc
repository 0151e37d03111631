#include "bench/two_models/members.h"

#include "bench/process/environment.h"
#include "bench/process/shim.h"
#include "bench/two_models/lanes.h"
#include "bench/two_models/scenario_run.h"
#include "bench/two_models/scenarios.h"
#include "bench/two_models/side.h"
#include "bench/two_models/side_run.h"

#include <utility>

namespace headway::bench {
namespace {

// The variables of the shim, each set or taken away.
nlohmann::json lane_environment(const Options& options, bool high, int index) {
    nlohmann::json variables = without_lane_variables();
    variables.update(
        {{"HEADWAY_PRIORITY", std::to_string(high ? options.high_priority : options.low_priority)},
         {"HEADWAY_THRESHOLD", std::to_string(options.threshold)},
         {"HEADWAY_BATCH_SIZE", std::to_string(options.batch_size)},
         {"HEADWAY_BUDGET_US", std::to_string(options.budget_us)},
         {"HEADWAY_MAX_HOLD_MS", std::to_string(options.max_hold_ms)},
         {"HEADWAY_TIMESLICE_US", options.timeslice_us},
         {"HEADWAY_NAME", lane_name(options, high, index)}});
    if (options.linger_us != "auto") variables["HEADWAY_LINGER_US"] = options.linger_us;
    return variables;
}

// How large a part of MPS's GPU the process gets. The rest is what the daemon wants of all.
nlohmann::json mps_environment(const MpsShares& shares, bool high) {
    nlohmann::json variables = nlohmann::json::object();
    const char* const priority = high ? shares.high_priority : shares.low_priority;
    if (priority != nullptr) variables["CUDA_MPS_CLIENT_PRIORITY"] = priority;
    if (!high && shares.low_percentage != nullptr) {
        variables["CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"] = shares.low_percentage;
    }
    return variables;
}

// What the command of --external can tell its two sides apart by.
nlohmann::json external_environment(const Options& options, bool high) {
    return {
        {kRoleVariable, high ? "high" : "low"},
        {kPriorityVariable, std::to_string(high ? options.high_priority : options.low_priority)},
        {kDeviceVariable, options.device}};
}

nlohmann::json own_environment(const Options& options,
                               const Scenario& scenario,
                               bool high,
                               int index) {
    switch (scenario.scheduler) {
        case Scheduler::kHeadway:
            if (options.device != "cpu") return lane_environment(options, high, index);
            break;
        case Scheduler::kMps:
            return mps_environment(scenario.mps, high);
        case Scheduler::kExternal:
            return external_environment(options, high);
        case Scheduler::kNone:
        case Scheduler::kStreamPriority:
        case Scheduler::kGreenContext:
            break;
    }
    return nlohmann::json::object();
}

}  // namespace

std::vector<Member> members_of(const Options& options,
                               const Step& step,
                               const nlohmann::json& variables) {
    const Scenario scenario = *find_scenario(step.scenario, options.externals);
    nlohmann::json job = {{"task", kScenarioTask},
                          {"options", to_json(options)},
                          {"scenario", step.scenario},
                          {"repeat", step.repeat}};
    const bool shim = scenario.scheduler == Scheduler::kHeadway && options.device != "cpu";
    if (shim) job["preload"] = find_cuda_shim();
    if (variables.is_object()) job["environment"] = variables;
    if (options.placement == Placement::kThreads) return {{"", job}};
    std::vector<Member> members;
    job["task"] = kSideTask;
    const External* const external = find_external(options.externals, step.scenario);
    if (external != nullptr) job["wrapper"] = external_words(*external);
    for (const auto& [high, index] : sides_of(options, scenario)) {
        job["high"] = high;
        job["index"] = index;
        const auto own = own_environment(options, scenario, high, index);
        Member member = {label_of(options, high, index), job};
        if (!own.empty()) member.job["environment"].update(own);
        members.push_back(std::move(member));
    }
    return members;
}

}  // namespace headway::bench
