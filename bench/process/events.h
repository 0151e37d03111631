// What a child tells its parent: one JSON object per line on a pipe.
//   {"event": "phase", "phase": "load" | "run", "seconds": expected}
//   {"event": "progress", "done": 0..1}
//   {"event": "result", ...}          the task's own fields
//   {"event": "out_of_memory", "message": one line}
//   {"event": "failure", "message": one line, "code": exit code}
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The descriptor of the pipe in a child.
inline constexpr int kEventsFd = 3;

// Thread-safe. Ends the process if the parent is gone.
void send_event(const nlohmann::json& event);

// Says that a phase begins which takes about `seconds` (0: unknown).
void send_phase(const std::string& phase, double seconds);

// In a catch block: tells the parent what was caught and ends the process at once, without waiting
// for other threads.
[[noreturn]] void report_caught_and_exit() noexcept;

}  // namespace headway::bench
