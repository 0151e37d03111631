// Runs one child to its end and hears what it has to say.
#pragma once

#include "bench/process/progress.h"

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

enum class ChildEnd { kDone, kOutOfMemory, kInterrupted };

// NOLINTNEXTLINE(bugprone-exception-escape): a default json allocates nothing
struct ChildReport {
    ChildEnd end = ChildEnd::kDone;
    nlohmann::json result;  // the event "result", if kDone
    std::string message;    // why, if kOutOfMemory
};

// Starts a child for `job`, pinned to `cpus` CPUs (0: not), and waits for its end; shows its phases
// as progress. Stops it on Ctrl-C. Throws Failure if it fails in another way.
ChildReport supervise(const nlohmann::json& job, int cpus, Progress& progress);

}  // namespace headway::bench
