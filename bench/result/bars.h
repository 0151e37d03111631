// The bars of a verdict. Pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// One condition of a bar: the median of a ratio of the summary against its limit.
struct Condition {
    const char* ratio;
    bool at_most;  // else at least
    double limit;
};

// {"met", "detail"}. One condition missed is enough to miss the bar; a ratio that the summary lacks
// is enough not to meet it, and `met` is then null.
nlohmann::json decide(const nlohmann::json& summary, const std::vector<Condition>& conditions);

// The bar "minimum": every scenario run delivered data, and the outputs are equal.
nlohmann::json minimum_bar(const nlohmann::json& scenarios,
                           std::size_t scenarios_wanted,
                           bool equal_outputs);

}  // namespace headway::bench
