// Runs a program as a user would, and keeps what it said.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace headway::test {

struct Finished {
    int status = -1;  // the exit status; 128 + the signal if it was killed
    std::string out;
    std::string err;
};

// Runs argv[0] with this process's environment and `extra` variables on top, waits for its end, and
// returns its output. Standard input is empty. Ends the test program if it can't start a process.
Finished run_process(const std::vector<std::string>& argv,
                     const std::map<std::string, std::string>& extra = {});

}  // namespace headway::test
