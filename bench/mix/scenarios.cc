#include "bench/mix/scenarios.h"

namespace headway::bench {

std::string alone_name(const MixMember& member) {
    return member.high ? member.name + "-alone" : "low-alone";
}

std::vector<std::string> mix_scenario_names(const Workload& workload) {
    std::vector<std::string> names;
    for (const MixMember& member : workload.members)
        names.push_back(alone_name(member));
    names.insert(names.end(), {"time-slicing", "headway"});
    return names;
}

MixScenario mix_scenario(const Workload& workload, const std::string& name) {
    MixScenario scenario;
    for (const MixMember& member : workload.members) {
        if (alone_name(member) == name) return {{&member}, false};
        scenario.members.push_back(&member);
    }
    scenario.headway = name == "headway";
    return scenario;
}

}  // namespace headway::bench
