// What a pass's operators say of their classes. Pure functions.
#pragma once

#include "bench/models/operators.h"

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's entries of one pass, one per class that it has: "high" tells of the lengths of
// its operators, and "operators" its time, `total_ms`, and `wait_ms`: its part of the time that a
// request waits for the operator that runs when it comes, on average over all moments of the pass.
// An operator of length t runs at a share t / T of them, and t / 2 of it is then left.
nlohmann::json entries_of_pass(const std::vector<OperatorTime>& operators, int pass);

// "pass_ms", "wait_ms" and "longest_ms", and of each class "X_share" of the time and
// "X_wait_share" of that wait: medians over the passes.
nlohmann::json summarise_operators(const nlohmann::json& scenarios, std::uint64_t seed);

}  // namespace headway::bench
