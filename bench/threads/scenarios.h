// What `headway-bench threads` compares. A new scenario is a new row.
#pragma once

#include <string>
#include <vector>

namespace headway::bench {

struct ThreadsScenario {
    const char* name;
    const char* what;  // one line for --help
    int high;          // threads of high priority; all threads where there is no other class
    int low;
    bool think;  // each thread pauses for a random time after each task
    bool headway;
};

const std::vector<ThreadsScenario>& threads_scenarios();

// Null if there is none of that name. Lives as long as the process.
const ThreadsScenario* find_threads_scenario(const std::string& name);

// A mix of two classes, and the scenarios that it is compared with.
struct ThreadsMix {
    const char* prefix;  // of its ratios
    const char* headway;
    const char* alone;  // only its high threads
    const char* unscheduled;
};

const std::vector<ThreadsMix>& threads_mixes();

}  // namespace headway::bench
