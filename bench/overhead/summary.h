// What the pairs of an overhead run say. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "summary": `CASE_vs_native` per case, the time of a pass under Headway over the
// native one. Within a pair both are medians over the block; median and interval are over the
// pairs.
nlohmann::json summarise_overhead(const nlohmann::json& scenarios,
                                  const std::vector<std::string>& cases,
                                  std::uint64_t seed);

// The result file's "verdict": one bar over the cases that have a limit, each at most so much
// slower; not decided as long as one of them is missing.
nlohmann::json judge_overhead(const nlohmann::json& summary,
                              const std::vector<std::string>& cases,
                              bool armed);

}  // namespace headway::bench
