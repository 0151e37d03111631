#include "bench/stats/bootstrap.h"

#include "bench/stats/latency.h"

#include <algorithm>
#include <random>

namespace headway::bench {
namespace {

// Enough that the interval's ends move by far less than its width from one seed to the next.
constexpr int kResamples = 10'000;

}  // namespace

MedianInterval median_with_ci95(const std::vector<double>& values, std::uint64_t seed) {
    MedianInterval result;
    result.median = median(values);
    if (values.size() < 2) return result;
    std::mt19937_64 generator(seed);
    std::uniform_int_distribution<std::size_t> any(0, values.size() - 1);
    std::vector<double> medians;
    medians.reserve(kResamples);
    std::vector<double> drawn(values.size());
    for (int i = 0; i < kResamples; ++i) {
        for (double& value : drawn)
            value = values[any(generator)];
        medians.push_back(median(drawn));
    }
    std::sort(medians.begin(), medians.end());
    result.ci95 = {quantile(medians, 0.025), quantile(medians, 0.975)};
    return result;
}

}  // namespace headway::bench
