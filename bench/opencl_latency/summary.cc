#include "bench/opencl_latency/summary.h"

#include "bench/result/bars.h"
#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

constexpr double kAloneMax = 1.01;

// A lane's first launch is looked at, to find out that it is alone.
constexpr std::uint64_t kGatedMax = 2;

bool was_alone(const nlohmann::json& entry) {
    if (!entry.contains("counters")) return true;
    const nlohmann::json& lane = entry.at("counters").at("high");
    return lane.at("gated").get<std::uint64_t>() <= kGatedMax &&
           lane.at("passed").get<std::uint64_t>() > kGatedMax;
}

double latency_us(const nlohmann::json& entry) {
    return entry.at("latency_us").at("mean").get<double>();
}

}  // namespace

nlohmann::json summarise_opencl_latency(const nlohmann::json& scenarios, std::uint64_t seed) {
    std::map<int, std::map<std::string, double>> pairs;
    for (const nlohmann::json& entry : scenarios) {
        pairs[entry.at("repeat").get<int>()][entry.at("name").get<std::string>()] =
            latency_us(entry);
    }
    std::vector<double> ratios;
    for (const auto& [index, pair] : pairs) {
        if (pair.size() == 2) ratios.push_back(pair.at("headway") / pair.at("native"));
    }
    if (ratios.empty()) return nlohmann::json::object();
    return {{"latency_vs_native", ratio_json(median_with_ci95(ratios, seed))}};
}

nlohmann::json judge_opencl_latency(const nlohmann::json& scenarios,
                                    const nlohmann::json& summary,
                                    std::size_t scenarios_wanted) {
    const bool alone = std::all_of(scenarios.begin(), scenarios.end(), was_alone);
    return {{"minimum",
             {{"met", alone && scenarios.size() == scenarios_wanted},
              {"detail",
               fmt::format("{} of {} runs delivered data; clpeak {} alone on the device",
                           scenarios.size(),
                           scenarios_wanted,
                           alone ? "was" : "was NOT")}}},
            {"alone is free", decide(summary, {{"latency_vs_native", true, kAloneMax}})}};
}

}  // namespace headway::bench
