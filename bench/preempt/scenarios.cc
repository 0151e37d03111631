#include "bench/preempt/scenarios.h"

namespace headway::bench {

const std::vector<PreemptScenario>& preempt_scenarios() {
    static const std::vector<PreemptScenario> table = {
        {"alone", "only the empty kernels", false, false, {}},
        {"time-slicing", "both, shared out by the driver", true, false, {}},
        {"headway", "both, scheduled by Headway", true, true, {}},
        {"gate-only",
         "the same without Headway's timeslice",
         true,
         true,
         {{"HEADWAY_TIMESLICE_US", "off"}}},
    };
    return table;
}

const PreemptScenario* find_preempt_scenario(const std::string& name) {
    for (const PreemptScenario& scenario : preempt_scenarios()) {
        if (name == scenario.name) return &scenario;
    }
    return nullptr;
}

}  // namespace headway::bench
