// What `headway-bench preempt` compares.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace headway::bench {

struct PreemptScenario {
    const char* name;
    const char* what;  // one line for --help
    bool low;          // the spinning kernels run
    bool headway;      // the shim is preloaded into both processes
    // For the low process, on top of its priority.
    std::map<std::string, std::string> low_environment;
};

const std::vector<PreemptScenario>& preempt_scenarios();

// Null if there is none of that name. Lives as long as the process.
const PreemptScenario* find_preempt_scenario(const std::string& name);

}  // namespace headway::bench
