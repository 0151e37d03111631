// What Headway costs a model that has the device to itself: both sides of a pair in one process.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kOverheadTask = "overhead";

// The job of a child: {"task": "overhead", "options": to_json(Options), "case": name, "pairs": n,
// "block_s": seconds}. On a CPU only, where the gate can be installed and removed.
//
// Both sides of a pair run in the same process, one right after the other in random order: two
// processes differ by more than the 1 % in question, in where their memory lies. "native" is
// without the gate and outside any lane; "headway" is with both. Sends the event "result" with the
// field "scenarios", a list of entries of the result file. Throws Failure or OutOfMemory.
void run_overhead(const nlohmann::json& job);

}  // namespace headway::bench
