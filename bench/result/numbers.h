// Numbers as a result file has them.
#pragma once

#include "bench/load/open_loop.h"
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

// The result file's numbers of a model that served requests, of which at least one has finished in
// the window of that length.
nlohmann::json requests_json(const OpenLoopResult& result, double duration_s);

// {"median": ..., "ci95": [lo, hi] or null}.
nlohmann::json ratio_json(const MedianInterval& interval);

}  // namespace headway::bench
