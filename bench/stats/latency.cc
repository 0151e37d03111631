#include "bench/stats/latency.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace headway::bench {

double quantile(const std::vector<double>& ascending, double p) {
    const double rank = p * static_cast<double>(ascending.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(rank));
    const std::size_t above = std::min(below + 1, ascending.size() - 1);
    return std::lerp(ascending[below], ascending[above], rank - std::floor(rank));
}

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return quantile(values, 0.5);
}

LatencySummary summarise(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    LatencySummary summary;
    summary.count = values.size();
    summary.p50 = quantile(values, 0.50);
    summary.p90 = quantile(values, 0.90);
    summary.p95 = quantile(values, 0.95);
    summary.p99 = quantile(values, 0.99);
    summary.p999 = quantile(values, 0.999);
    summary.max = values.back();
    summary.mean = mean(values);
    return summary;
}

}  // namespace headway::bench
