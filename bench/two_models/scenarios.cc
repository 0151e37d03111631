#include "bench/two_models/scenarios.h"

namespace headway::bench {

const std::vector<Scenario>& all_scenarios() {
    constexpr auto kNone = Scheduler::kNone;
    constexpr auto kThreads = Placement::kThreads;
    constexpr auto kProcesses = Placement::kProcesses;
    static const std::vector<Scenario> table = {
        {"high-alone", "only the high-priority model", true, false, kNone, false},
        {"low-alone", "only the low-priority model", false, true, kNone, false},
        {"native", "both, nothing scheduled", true, true, kNone, false, kThreads},
        {"time-slicing", "both, nothing scheduled", true, true, kNone, false, kProcesses},
        {"stream-priority",
         "both, on streams with the GPU's own priorities",
         true,
         true,
         Scheduler::kStreamPriority,
         true,
         kThreads},
        {"headway", "both, scheduled by Headway", true, true, Scheduler::kHeadway, false},
    };
    return table;
}

const Scenario* find_scenario(const std::string& name) {
    for (const Scenario& scenario : all_scenarios()) {
        if (name == scenario.name) return &scenario;
    }
    return nullptr;
}

std::vector<std::string> default_scenarios(const std::string& device, Placement placement) {
    std::vector<std::string> names;
    for (const Scenario& scenario : all_scenarios()) {
        if (scenario.gpu_only && device == "cpu") continue;
        if (scenario.only.value_or(placement) == placement) names.emplace_back(scenario.name);
    }
    return names;
}

StreamKind stream_of(const Scenario& scenario, bool high, StreamKind wanted) {
    if (scenario.scheduler != Scheduler::kStreamPriority) return wanted;
    return high ? StreamKind::kPoolHighPriority : StreamKind::kPool;
}

}  // namespace headway::bench
