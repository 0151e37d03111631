// The lanes of a scenario that Headway schedules.
#pragma once

#include "bench/two_models/options.h"
#include "bench/two_models/scenarios.h"
#include "headway/headway.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Whether the models' lanes are opened by this program. Not where each has a process on a GPU:
// there the preloaded shim opens the lane from the environment, as under `headway run`.
bool asks_for_lanes(const Options& options, const Scenario& scenario);

// The name of a model's lane. `index`: among the low ones.
std::string lane_name(const Options& options, bool high, int index);

// Installs the gate for this process. Throws Failure.
void install_gate(const Options& options);

// Opens the lane of one model. Throws Failure.
Lane open_lane(const Options& options, bool high, int index = 0);

// The lane's counters, as the result file has them.
nlohmann::json counters_of(const Lane& lane);

}  // namespace headway::bench
