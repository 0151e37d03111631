// What the scenarios of a run say together: the exclusive bound, the ratios and the verdict.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Adds low.exclusive_bound_per_s to the scenarios that run both models, where the repeat has what
// the bound needs. `scenarios` is the result file's list.
void add_exclusive_bounds(nlohmann::json& scenarios, double rate_per_s);

// The result file's "summary": each ratio is taken within a repeat; median and interval are over
// the repeats. A ratio without data is absent. Call it after add_exclusive_bounds().
nlohmann::json summarise_ratios(const nlohmann::json& scenarios, std::uint64_t seed);

struct VerdictInput {
    const nlohmann::json& scenarios;
    const nlohmann::json& summary;
    std::size_t scenarios_wanted = 0;  // entries that a complete run has
};

// The result file's "verdict": the bars minimum, ideal and ours. `met` is null where the run lacks
// the data to decide.
nlohmann::json judge(const VerdictInput& input);

}  // namespace headway::bench
