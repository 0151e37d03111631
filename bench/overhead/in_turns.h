// Overhead, measured with two processes that take turns.
#pragma once

#include "bench/overhead/cases.h"
#include "bench/overhead/options.h"
#include "bench/process/child.h"
#include "bench/process/progress.h"

#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// A child that works only when it is told to. Ended at once with this object. Not thread-safe.
class TurnProcess {
 public:
    TurnProcess(std::string label, const nlohmann::json& job, int cpus);

    // Blocks until the child sends an event of that kind; nothing after Ctrl-C. Throws Failure if
    // it fails or ends before that.
    std::optional<nlohmann::json> await(const char* kind, Progress& progress);

    void tell(const char* command) { child_.send({{"command", command}}); }

    // Tells it to end and waits until the process is gone: killed, it would leave its lane on the
    // board for a while. False after Ctrl-C. Throws Failure.
    bool end(Progress& progress);

 private:
    std::string label_;
    ChildProcess child_;
};

// The process of an idle higher lane.
std::unique_ptr<TurnProcess> start_idle_rival(const OverheadOptions& options);

// Runs all pairs of a case, in `rounds` fresh pairs of processes, and appends their entries.
// Returns false after Ctrl-C. Throws Failure. The two processes load at the same time and then
// never work at the same time.
bool measure_in_turns(const OverheadOptions& options,
                      const OverheadCase& overhead_case,
                      Progress& progress,
                      nlohmann::json& scenarios);

}  // namespace headway::bench
