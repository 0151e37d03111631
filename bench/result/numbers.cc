#include "bench/result/numbers.h"

#include <algorithm>
#include <cmath>

namespace headway::bench {

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

nlohmann::json rounded(const std::vector<double>& values) {
    nlohmann::json list = nlohmann::json::array();
    for (const double value : values)
        list.push_back(rounded(value));
    return list;
}

nlohmann::json::json_pointer pointer_to(std::string dotted) {
    std::replace(dotted.begin(), dotted.end(), '.', '/');
    return nlohmann::json::json_pointer('/' + dotted);
}

nlohmann::json latency_json(const std::vector<double>& latencies_ms) {
    const LatencySummary summary = summarise(latencies_ms);
    return {{"requests", summary.count},
            {"p50_ms", rounded(summary.p50)},
            {"p90_ms", rounded(summary.p90)},
            {"p95_ms", rounded(summary.p95)},
            {"p99_ms", rounded(summary.p99)},
            {"p999_ms", rounded(summary.p999)},
            {"max_ms", rounded(summary.max)},
            {"mean_ms", rounded(summary.mean)}};
}

nlohmann::json requests_json(const OpenLoopResult& result, double duration_s) {
    nlohmann::json json = latency_json(result.latencies_ms);
    json["mean_service_ms"] = rounded(mean(result.services_ms));
    json["completed_rps"] = rounded(static_cast<double>(result.latencies_ms.size()) / duration_s);
    json["unfinished"] = result.unfinished;
    json["arrivals_ms"] = rounded(result.arrivals_ms);
    json["latencies_ms"] = rounded(result.latencies_ms);
    return json;
}

nlohmann::json ratio_json(const MedianInterval& interval) {
    nlohmann::json json = {{"median", interval.median}, {"ci95", nullptr}};
    if (interval.ci95) json["ci95"] = {interval.ci95->first, interval.ci95->second};
    return json;
}

}  // namespace headway::bench
