// One scenario, in a child process of its own.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kScenarioTask = "scenario";

// The job of a child: {"task": "scenario", "options": to_json(Options), "scenario": name, "repeat":
// n}. Sends the event "result" with the field "scenario", an entry of the result file's list.
// Throws Failure, or OutOfMemory if the models don't fit at this batch. Takes the scenario's whole
// time.
void run_scenario(const nlohmann::json& job);

}  // namespace headway::bench
