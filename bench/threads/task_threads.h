// One scenario of threads in a child process of its own.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kTaskThreadsTask = "task-threads";

// The job of a child: {"task": "task-threads", "options": to_json(ThreadsOptions), "scenario":
// name, "repeat": n}. Sends the event "result" with the field "entry": the scenario as the result
// file has it, without "name" and "repeat". Throws Failure or OutOfMemory. Takes the scenario's
// whole time.
void run_task_threads(const nlohmann::json& job);

}  // namespace headway::bench
