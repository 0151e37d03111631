// One scenario with all its models as threads of one child process.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kScenarioTask = "scenario";

// The job of a child: {"task": "scenario", "options": to_json(Options), "scenario": name, "repeat":
// n}. Sends the event "result" with the fields "sides", a list of Side::result(), and "memory".
// Throws Failure, or OutOfMemory if the models don't fit at this batch. Takes the scenario's whole
// time.
void run_scenario(const nlohmann::json& job);

}  // namespace headway::bench
