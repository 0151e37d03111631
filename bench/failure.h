// The exceptions of the benchmark's own code, and its exit codes.
#pragma once

#include <stdexcept>
#include <string>

namespace headway::bench {

enum ExitCode : int {
    kExitDone = 0,
    kExitFailed = 1,        // the run failed or was interrupted
    kExitBadArguments = 2,  // nothing was run
};

// what() is one line for a person, without a newline: the problem and, where there is one, the
// remedy.
class Failure : public std::runtime_error {
 public:
    explicit Failure(const std::string& line, ExitCode code = kExitFailed)
        : std::runtime_error(line), code_(code) {}

    ExitCode code() const noexcept { return code_; }

 private:
    ExitCode code_;
};

// The device or the host has no room for the models at this batch. what() is one line.
class OutOfMemory : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

// A scenario that can't run here, through no fault of the program. what() is one line: the reason.
class Unavailable : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

}  // namespace headway::bench
