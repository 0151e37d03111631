#include "report/curves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headway::report {
namespace {

constexpr std::size_t kHalf = kCdfPointsMax / 2;
constexpr std::size_t kRuns = kTimePointsMax / 2;  // two points each

bool drawable(double latency_ms) {
    return std::isfinite(latency_ms) && latency_ms > 0;
}

// Half of the points are spread evenly over the shares, half over the tail on a logarithmic scale
// (99 %, 99.9 %, ...), where the interesting requests are.
std::vector<std::size_t> ranks_to_draw(std::size_t count) {
    std::vector<std::size_t> ranks;
    if (count <= kCdfPointsMax) {
        ranks.resize(count);
        std::iota(ranks.begin(), ranks.end(), std::size_t{0});
        return ranks;
    }
    for (std::size_t i = 0; i < kHalf; ++i) {
        const double share = static_cast<double>(i) / kHalf;
        const double tail = std::pow(static_cast<double>(count), -share);  // 1 .. 1/count
        ranks.push_back(static_cast<std::size_t>(share * static_cast<double>(count)));
        ranks.push_back(count - 1 -
                        static_cast<std::size_t>(tail * static_cast<double>(count - 1)));
    }
    ranks.push_back(count - 1);
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    return ranks;
}

const Scenario* typical_repeat(const Group& group) {
    std::vector<const Scenario*> usable;
    for (const Scenario* scenario : group.repeats) {
        if (scenario->high && !scenario->high->latencies_ms.empty()) usable.push_back(scenario);
    }
    if (usable.empty()) return nullptr;
    std::stable_sort(usable.begin(), usable.end(), [](const Scenario* a, const Scenario* b) {
        return a->high->p99_ms.value_or(0) < b->high->p99_ms.value_or(0);
    });
    return usable[(usable.size() - 1) / 2];
}

double time_of(const HighNumbers& high, std::size_t request, double rate_per_s) {
    if (!high.arrivals_ms.empty()) return high.arrivals_ms[request] / 1000;
    const auto number = static_cast<double>(request);
    return rate_per_s > 0 ? number / rate_per_s : number + 1;
}

// Keeps the lowest and the highest point of each of kTimePointsMax/2 runs of neighbours.
std::vector<Point> thin(const std::vector<Point>& points) {
    const auto lower = [](const Point& a, const Point& b) { return a.y < b.y; };
    std::vector<Point> kept;
    for (std::size_t run = 0; run < kRuns; ++run) {
        const auto begin =
            points.begin() + static_cast<std::ptrdiff_t>(run * points.size() / kRuns);
        const auto end =
            points.begin() + static_cast<std::ptrdiff_t>((run + 1) * points.size() / kRuns);
        const auto [low, high] = std::minmax_element(begin, end, lower);
        kept.push_back(*std::min(low, high));
        if (low != high) kept.push_back(*std::max(low, high));
    }
    return kept;
}

}  // namespace

std::vector<Point> latency_distribution(const Group& group) {
    std::vector<double> latencies_ms;
    for (const Scenario* scenario : group.repeats) {
        if (!scenario->high) continue;
        const std::vector<double>& more = scenario->high->latencies_ms;
        std::copy_if(more.begin(), more.end(), std::back_inserter(latencies_ms), drawable);
    }
    std::sort(latencies_ms.begin(), latencies_ms.end());
    const auto count = static_cast<double>(latencies_ms.size());
    std::vector<Point> points;
    for (const std::size_t rank : ranks_to_draw(latencies_ms.size())) {
        points.push_back({latencies_ms[rank], static_cast<double>(rank + 1) / count});
    }
    return points;
}

TimeSeries latency_over_time(const Group& group, double rate_per_s) {
    TimeSeries series;
    const Scenario* scenario = typical_repeat(group);
    if (scenario == nullptr) return series;
    const HighNumbers& high = *scenario->high;
    series.repeat = scenario->repeat;
    series.in_seconds = !high.arrivals_ms.empty() || rate_per_s > 0;
    for (std::size_t i = 0; i < high.latencies_ms.size(); ++i) {
        const double when = time_of(high, i, rate_per_s);
        if (!drawable(high.latencies_ms[i]) || !std::isfinite(when)) continue;
        series.points.push_back({when, high.latencies_ms[i]});
    }
    series.thinned = series.points.size() > kTimePointsMax;
    if (series.thinned) series.points = thin(series.points);
    return series;
}

}  // namespace headway::report
