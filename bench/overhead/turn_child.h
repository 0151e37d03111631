// The children of an overhead run whose two sides are processes of their own.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kTurnTask = "overhead-turn";
inline constexpr const char* kRivalTask = "overhead-rival";

// One side of the pairs: loads the model once, then measures a block whenever it is told to and
// sleeps in between.
// The job: {"task": ..., "options": to_json(Options), "case": name, "block_s": seconds,
// "scheduled": whether this is the side with Headway}. On a GPU Headway is the preloaded shim, with
// the lane that it opens by itself; on a CPU it is the gate, installed here.
// Sends "ready"; answers each command "block" with {"event": "block", "entry": an entry of the
// result file without its repeat}, and any other command with the event "result", and ends. Throws
// Failure or OutOfMemory.
void run_turn_child(const nlohmann::json& job);

// A higher lane that is registered on the device and never launches anything more. The job:
// {"task": ..., "options": to_json(Options)}. Sends "ready", sleeps until it is told anything,
// sends the event "result" and ends. Throws Failure.
void run_idle_rival(const nlohmann::json& job);

}  // namespace headway::bench
