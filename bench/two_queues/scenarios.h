// What `headway-bench two-queues` compares.
#pragma once

#include <string>
#include <vector>

namespace headway::bench {

struct QueuesScenario {
    const char* name;
    const char* what;  // one line for --help
    bool high;         // the high-priority kernels run
    bool low;
    bool headway;
};

const std::vector<QueuesScenario>& queues_scenarios();

// Null if there is none of that name. Lives as long as the process.
const QueuesScenario* find_queues_scenario(const std::string& name);

}  // namespace headway::bench
