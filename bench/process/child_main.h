// What the hidden subcommand does: one task, in this process.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Does the job's task and reports by events. Takes the job as the field "task" says.
using TaskTable = std::map<std::string, void (*)(const nlohmann::json& job)>;

// Reads the job from standard input and runs it. Returns the process's exit code.
int child_main(const TaskTable& tasks);

}  // namespace headway::bench
