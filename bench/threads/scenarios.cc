#include "bench/threads/scenarios.h"

namespace headway::bench {

const std::vector<ThreadsScenario>& threads_scenarios() {
    static const std::vector<ThreadsScenario> table = {
        {"alone", "1 thread", 1, 0, false, false},
        {"alone-3", "3 threads", 3, 0, false, false},
        {"alone-2-think", "2 threads with pauses", 2, 0, true, false},
        {"unscheduled-16", "16 threads, all alike", 16, 0, false, false},
        {"unscheduled-3-13", "3 high and 13 low, not scheduled", 3, 13, false, false},
        {"mixed-3-13", "3 high and 13 low, scheduled by Headway", 3, 13, false, true},
        {"unscheduled-1-15", "1 high and 15 low, not scheduled", 1, 15, false, false},
        {"mixed-1-15", "1 high and 15 low, scheduled by Headway", 1, 15, false, true},
        {"unscheduled-2-6", "2 high and 6 low with pauses, not scheduled", 2, 6, true, false},
        {"mixed-2-6", "2 high and 6 low with pauses, scheduled by Headway", 2, 6, true, true},
    };
    return table;
}

const ThreadsScenario* find_threads_scenario(const std::string& name) {
    for (const ThreadsScenario& scenario : threads_scenarios()) {
        if (name == scenario.name) return &scenario;
    }
    return nullptr;
}

const std::vector<ThreadsMix>& threads_mixes() {
    static const std::vector<ThreadsMix> table = {
        {"mixed_3_13", "mixed-3-13", "alone-3", "unscheduled-3-13"},
        {"mixed_1_15", "mixed-1-15", "alone", "unscheduled-1-15"},
        {"mixed_2_6", "mixed-2-6", "alone-2-think", "unscheduled-2-6"},
    };
    return table;
}

}  // namespace headway::bench
