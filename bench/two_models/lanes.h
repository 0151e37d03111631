// The lanes of a scenario that Headway schedules.
#pragma once

#include "bench/two_models/options.h"
#include "headway/headway.hpp"

#include <memory>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Installs the gate for this process. Throws Failure.
void install_gate(const Options& options);

// Opens the lane of one model. Throws Failure.
Lane open_lane(const Options& options, bool high);

// The lane's counters, as the result file has them.
nlohmann::json counters_of(const Lane& lane);

}  // namespace headway::bench
