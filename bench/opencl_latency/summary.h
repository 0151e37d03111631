// What the pairs of an opencl-latency run say. Pure functions.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "summary": `latency_vs_native`, within each pair.
nlohmann::json summarise_opencl_latency(const nlohmann::json& scenarios, std::uint64_t seed);

// The result file's "verdict": the bars `minimum` (every run delivered data, and nothing but the
// program itself was on the device) and `alone is free`.
nlohmann::json judge_opencl_latency(const nlohmann::json& scenarios,
                                    const nlohmann::json& summary,
                                    std::size_t scenarios_wanted);

}  // namespace headway::bench
