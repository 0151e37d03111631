#include "bench/two_queues/scenarios.h"

namespace headway::bench {

const std::vector<QueuesScenario>& queues_scenarios() {
    static const std::vector<QueuesScenario> table = {
        {"high-alone", "only the high-priority kernels", true, false, false},
        {"low-alone", "only the low-priority kernels", false, true, false},
        {"native", "both, nothing scheduled by Headway", true, true, false},
        {"headway", "both, scheduled by Headway", true, true, true},
    };
    return table;
}

const QueuesScenario* find_queues_scenario(const std::string& name) {
    for (const QueuesScenario& scenario : queues_scenarios()) {
        if (name == scenario.name) return &scenario;
    }
    return nullptr;
}

}  // namespace headway::bench
