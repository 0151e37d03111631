// What the scenarios of a mix say together. Pure functions.
#pragma once

#include "bench/mix/options.h"

#include <cstddef>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Adds low.exclusive_bound_per_s: low alone x (1 - what all high members together need of the
// time).
void add_mix_bounds(nlohmann::json& scenarios, const MixOptions& options);

// The result file's "summary", as that of two-models, and for tokens and further high members. Call
// it after add_mix_bounds().
nlohmann::json summarise_mix(const nlohmann::json& scenarios, const MixOptions& options);

// The bars of two-models. `minimum` also asks that low was held in each run under Headway.
nlohmann::json judge_mix(const nlohmann::json& scenarios,
                         const nlohmann::json& summary,
                         std::size_t scenarios_wanted);

}  // namespace headway::bench
