#include "bench/overhead/summary.h"

#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

constexpr double kRatioMax = 1.01;

struct PassTimes {
    double native_ms = 0;
    double headway_ms = 0;
};

std::vector<double> ratios_of(const nlohmann::json& scenarios, const std::string& workload) {
    std::map<int, PassTimes> pairs;
    for (const nlohmann::json& entry : scenarios) {
        if (entry.at("workload") != workload) continue;
        PassTimes& pair = pairs[entry.at("repeat").get<int>()];
        (entry.at("name") == "native" ? pair.native_ms : pair.headway_ms) =
            entry.at("p50_pass_ms").get<double>();
    }
    std::vector<double> ratios;
    for (const auto& [index, pair] : pairs) {
        if (pair.native_ms > 0 && pair.headway_ms > 0) {
            ratios.push_back(pair.headway_ms / pair.native_ms);
        }
    }
    return ratios;
}

}  // namespace

nlohmann::json summarise_overhead(const nlohmann::json& scenarios, std::uint64_t seed) {
    nlohmann::json summary = nlohmann::json::object();
    for (const std::string workload : {"high", "low"}) {
        const std::vector<double> ratios = ratios_of(scenarios, workload);
        if (ratios.empty()) continue;
        summary[workload + "_vs_native"] = ratio_json(median_with_ci95(ratios, seed));
    }
    return summary;
}

nlohmann::json judge_overhead(const nlohmann::json& summary) {
    nlohmann::json bar = {{"met", nullptr}, {"detail", "not every model was measured"}};
    if (summary.size() == 2) {
        const double high = summary.at("high_vs_native").at("median").get<double>();
        const double low = summary.at("low_vs_native").at("median").get<double>();
        bar["met"] = high <= kRatioMax && low <= kRatioMax;
        bar["detail"] = fmt::format(
            "time of a pass with Headway over without: high {:.4f}, low {:.4f} "
            "(asked: <= {})",
            high,
            low,
            kRatioMax);
    }
    return {{"alone is free", bar}};
}

}  // namespace headway::bench
