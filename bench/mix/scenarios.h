// The scenarios of a mix: which members run, and who schedules them.
#pragma once

#include "bench/mix/workload.h"

#include <string>
#include <vector>

namespace headway::bench {

struct MixScenario {
    std::vector<const MixMember*> members;  // of the workload, in its order
    bool headway = false;
};

// NAME-alone of each high member, low-alone, time-slicing, headway.
std::vector<std::string> mix_scenario_names(const Workload& workload);

// `name` must be one of these, and `workload` outlive the result.
MixScenario mix_scenario(const Workload& workload, const std::string& name);

// The scenario with only that member.
std::string alone_name(const MixMember& member);

}  // namespace headway::bench
