#include "bench/overhead/summary.h"

#include "bench/overhead/cases.h"
#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace headway::bench {
namespace {

constexpr double kAloneMax = 1.01;

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

std::string ratio_name(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name + "_vs_native";
}

// 0: the case has no bar.
double limit_of(const std::string& name, bool armed) {
    if (!armed) return kAloneMax;
    const OverheadCase* const overhead_case = find_overhead_case(name);
    return overhead_case != nullptr ? overhead_case->armed_max : 0;
}

}  // namespace

nlohmann::json summarise_overhead(const nlohmann::json& scenarios,
                                  const std::vector<std::string>& cases,
                                  std::uint64_t seed) {
    nlohmann::json summary = nlohmann::json::object();
    for (const std::string& name : cases) {
        const std::vector<double> ratios = ratios_of(scenarios, name);
        if (ratios.empty()) continue;
        summary[ratio_name(name)] = ratio_json(median_with_ci95(ratios, seed));
    }
    return summary;
}

nlohmann::json judge_overhead(const nlohmann::json& summary,
                              const std::vector<std::string>& cases,
                              bool armed) {
    bool complete = true;
    bool met = true;
    std::vector<std::string> parts;
    for (const std::string& name : cases) {
        const double limit = limit_of(name, armed);
        if (limit == 0) continue;
        complete &= summary.contains(ratio_name(name));
        if (!summary.contains(ratio_name(name))) continue;
        const double ratio = summary.at(ratio_name(name)).at("median").get<double>();
        met &= ratio <= limit;
        parts.push_back(fmt::format("{} {:.4f} (asked: <= {})", name, ratio, limit));
    }
    nlohmann::json bar = {{"met", nullptr}, {"detail", "not every case was measured"}};
    if (complete && !parts.empty()) {
        bar["met"] = met;
        bar["detail"] =
            fmt::format("time of a pass with Headway over without: {}", fmt::join(parts, ", "));
    }
    return {{armed ? "an idle rival is nearly free" : "alone is free", bar}};
}

}  // namespace headway::bench
