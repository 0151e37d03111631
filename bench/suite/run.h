// Runs one benchmark of a suite as a program of its own.
#pragma once

#include <string>
#include <vector>

namespace headway::bench {

struct SuiteRun {
    std::vector<std::string> arguments;  // of headway-bench
    std::string table_path;              // where its standard output goes
    std::string progress_prefix;         // for every line that it says
};

// Blocks until it has ended; passes Ctrl-C on, after which it keeps what has finished. Returns its
// exit status, or 128 + the signal that ended it. Throws Failure if it can't be started.
int run_benchmark(const SuiteRun& run);

}  // namespace headway::bench
