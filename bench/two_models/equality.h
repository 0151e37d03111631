// Whether the models computed the same in all scenarios.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

// How far two losses of the same training step may be apart, of the larger: on a GPU the sums of a
// backward pass come in no fixed order, and what they round differently grows from step to step.
inline constexpr double kLossTolerance = 0.01;

// Hashes of equal work must be equal, and losses of equal training (the same batch, the same step)
// within kLossTolerance of each other and finite. `scenarios` is the result file's list. Pure.
bool outputs_equal(const nlohmann::json& scenarios);

}  // namespace headway::bench
