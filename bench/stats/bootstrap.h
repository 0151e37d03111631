// How sure a median of a few repeats is.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace headway::bench {

struct MedianInterval {
    double median = 0;
    // 95 % percentile bootstrap interval of the median; nothing for a single value, which says
    // nothing about how far another would lie.
    std::optional<std::pair<double, double>> ci95;
};

// The same values and seed give the same interval. `values` must not be empty. Pure.
MedianInterval median_with_ci95(const std::vector<double>& values, std::uint64_t seed);

}  // namespace headway::bench
