// What the repeats of a threads run say. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "summary". For each mix (mixed_3_13, ...), with Headway against the same mix:
// MIX_high_p50_vs_alone, MIX_high_p99_vs_alone (its high threads alone),
// MIX_high_p50_vs_unscheduled, MIX_high_p99_vs_unscheduled, MIX_low_p99_vs_unscheduled,
// MIX_total_time_vs_unscheduled. A ratio without data is absent.
nlohmann::json summarise_threads(const nlohmann::json& scenarios, std::uint64_t seed);

// The result file's "verdict". `scenarios_wanted`: entries that a complete run has.
nlohmann::json judge_threads(const nlohmann::json& scenarios,
                             const nlohmann::json& summary,
                             std::size_t scenarios_wanted);

}  // namespace headway::bench
