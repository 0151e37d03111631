// One model of a scenario in a child process of its own, beside those of the other models.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kSideTask = "side";

// The job of a child: that of run_scenario() with the task "side" and the fields "high" and "index"
// of SideSpec. Starts and ends its load with the other children and sends the same result, of one
// side. Throws Failure, or OutOfMemory if the model doesn't fit at this batch. Takes the scenario's
// whole time.
void run_side(const nlohmann::json& job);

}  // namespace headway::bench
