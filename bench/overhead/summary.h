// What the pairs of an overhead run say. Pure functions.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "summary": per model the time of a pass under Headway over the native one.
// Within a pair both are medians over the block; median and interval are over the pairs.
nlohmann::json summarise_overhead(const nlohmann::json& scenarios, std::uint64_t seed);

// The result file's "verdict": the bar "alone is free", at most 1 % slower.
nlohmann::json judge_overhead(const nlohmann::json& summary);

}  // namespace headway::bench
