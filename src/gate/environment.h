// The options of a process's own lane, as `headway run` and its users put them into the
// environment.
#pragma once

#include "gate/lane.h"

namespace headway::gate {

// Reads HEADWAY_PRIORITY, _THRESHOLD, _BATCH_SIZE, _BUDGET_US, _LINGER_US, _MAX_HOLD_MS and _NAME.
// What is unset, or is not a number in its range (said once), keeps its default; so the result is
// always valid. `device` is left for the caller. `name` is valid while the environment is
// unchanged. Thread-safe as long as nobody changes the environment.
LaneOptions options_from_environment() noexcept;

}  // namespace headway::gate
