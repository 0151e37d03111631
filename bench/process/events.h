// What a child tells its parent: one JSON object per line on a pipe.
//   {"event": "phase", "phase": "load" | "run", "seconds": expected}
//   {"event": "progress", "done": 0..1}
//   {"event": "ready"}                loaded and warmed up; waits for the command "start"
//   {"event": "measured"}             has its numbers; keeps up its load until the command "end"
//   {"event": "result", ...}          the task's own fields
//   {"event": "out_of_memory", "message": one line}
//   {"event": "failure", "message": one line, "code": exit code}
// What a parent tells a child that has said "ready", on another pipe, which ends with the parent:
//   {"command": "start", "origin_ns": on the clock of base/clock.h}
//   {"command": "end"}                every child has its numbers
//   {"command": "leave"}              its result was read, and so was its lane on the board. Only
//                                     to other programs, which wait for it
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The descriptors of the pipes in a child.
inline constexpr int kEventsFd = 3;
inline constexpr int kCommandsFd = 4;

// Thread-safe. Ends the process if the parent is gone.
void send_event(const nlohmann::json& event);

// Says that a phase begins which takes about `seconds` (0: unknown).
void send_phase(const std::string& phase, double seconds);

// In a catch block: tells the parent what was caught and ends the process at once, without waiting
// for other threads.
[[noreturn]] void report_caught_and_exit() noexcept;

}  // namespace headway::bench
