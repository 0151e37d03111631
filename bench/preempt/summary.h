// What the repeats of a preempt run say. Pure functions.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "summary", in microseconds where the name ends in _us. Per scenario
// `NAME_p50_us` and `NAME_p99_us`; where low runs, `NAME_switch_us` (P1 - P50 alone: what even the
// luckiest launch waits longer) and `NAME_slice_us` (P99 - P1: what depends on the moment of the
// launch); and `p99_vs_alone`, `p99_vs_time_slicing` of Headway. All are taken within a repeat,
// then the median over the repeats.
nlohmann::json summarise_preempt(const nlohmann::json& scenarios, std::uint64_t seed);

// The result file's "verdict": the bar "preemption", P99 under Headway.
nlohmann::json judge_preempt(const nlohmann::json& summary);

}  // namespace headway::bench
