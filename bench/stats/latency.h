// What a list of latencies says. Pure functions.
#pragma once

#include <cstddef>
#include <vector>

namespace headway::bench {

// The p-quantile, p in 0..1, of values in ascending order, at least one: between the two neighbours
// of rank p x (count - 1) by linear interpolation, which is numpy.percentile's default.
double quantile(const std::vector<double>& ascending, double p);

double mean(const std::vector<double>& values);

// The median; `values` must not be empty.
double median(std::vector<double> values);

struct LatencySummary {
    std::size_t count = 0;
    double p50 = 0;
    double p90 = 0;
    double p95 = 0;
    double p99 = 0;
    double p999 = 0;
    double max = 0;
    double mean = 0;
};

// In the unit of `values`, which must not be empty.
LatencySummary summarise(std::vector<double> values);

}  // namespace headway::bench
