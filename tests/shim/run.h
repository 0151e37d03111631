// Runs a victim program with a shim preloaded, and brings back what it and the driver said.
#pragma once

#include "tests/support/lines.h"

#include <map>
#include <string>
#include <vector>

namespace headway::shim_test {

enum class Shim {
    kNone,       // the program and the stand-in driver alone
    kInstalled,  // the library as it is installed
    kTrace,      // the same hooks with the tracing scheduler: every call takes the gated path
    kIdle,       // the tracing scheduler idle: every call takes the fast path
};

struct RunResult {
    int exit_status = -1;                 // 128 + signal if it was killed
    std::vector<std::string> output;      // lines of standard output
    std::vector<std::string> errors;      // lines of standard error
    std::vector<std::string> driver_log;  // STANDIN_LOG
    std::vector<std::string> app_log;     // APP_LOG
    std::vector<std::string> trace;       // TRACE_LOG
};

using Environment = std::map<std::string, std::string>;

// Runs argv in a fresh directory with a clean environment plus `environment`. Fails the current
// test if it takes longer than 20 seconds.
RunResult run(Shim shim, const std::vector<std::string>& argv, const Environment& environment = {});

using test::count_lines;
using test::text_of;

}  // namespace headway::shim_test
