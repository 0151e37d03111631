// Numbers as a result file has them.
#pragma once

#include "bench/stats/bootstrap.h"
#include "bench/stats/latency.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// To three digits after the point: microseconds where the unit is milliseconds.
double rounded(double value);
nlohmann::json rounded(const std::vector<double>& values);

// The field of that name, with dots: "high.p50_ms".
nlohmann::json::json_pointer pointer_to(std::string dotted);

// requests, p50_ms ... max_ms and mean_ms of latencies in ms; there must be at least one.
nlohmann::json latency_json(const std::vector<double>& latencies_ms);

// {"median": ..., "ci95": [lo, hi] or null}.
nlohmann::json ratio_json(const MedianInterval& interval);

}  // namespace headway::bench
