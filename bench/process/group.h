// Runs the children of one scenario to their end, all of them or none, and hears what they say.
#pragma once

#include "bench/process/progress.h"
#include "bench/process/supervise.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

struct Member {
    std::string label;  // for messages about it; "" where there is only one
    nlohmann::json job;
};

struct GroupReport {
    ChildEnd end = ChildEnd::kDone;
    std::vector<nlohmann::json> results;  // the event "result" of each member in order, if kDone
    std::string message;                  // why, if kOutOfMemory
};

// Starts a child for each member, each pinned to the same `cpus` CPUs (0: not), and waits for their
// end. Members that say "ready" get a common start once all have, and "end" once all are measured.
// When one fails or runs out of memory, or on Ctrl-C, the others are ended at once; none is left
// when this returns or throws. The first member's phases are shown as progress. Throws Failure if a
// member fails in another way. The result of a member that is another program gets the field
// "counters": those of its lane on the board, or null.
GroupReport supervise_group(const std::vector<Member>& members, int cpus, Progress& progress);

}  // namespace headway::bench
