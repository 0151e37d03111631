// The points of the plots: few enough to draw, without losing an outlier. Internal to the report
// library. Pure functions.
#pragma once

#include "report/analysis.h"

#include <cstddef>
#include <string>
#include <vector>

namespace headway::report {

struct Point {
    double x = 0;
    double y = 0;
};

inline constexpr std::size_t kCdfPointsMax = 400;
inline constexpr std::size_t kTimePointsMax = 1'500;

// The distribution of the latencies of all repeats together: x in milliseconds (positive and finite
// values only: the axis is logarithmic), y the share of requests that took at most x. Ends in the
// slowest request. Empty without latencies.
std::vector<Point> latency_distribution(const Group& group);

// Latency over time of one repeat.
struct TimeSeries {
    int repeat = 0;
    bool in_seconds = false;  // x is seconds since the measurement began, else the request's number
    bool thinned = false;     // only the fastest and the slowest request of each interval
    std::vector<Point> points;  // y in milliseconds
};

// Takes the repeat whose P99 is the lower median. `rate_per_s` (0: unknown) spaces the requests
// where the file has no arrival times.
TimeSeries latency_over_time(const Group& group, double rate_per_s);

}  // namespace headway::report
