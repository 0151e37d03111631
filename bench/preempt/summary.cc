#include "bench/preempt/summary.h"

#include "bench/preempt/scenarios.h"
#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

constexpr double kP99MaxUs = 260;

// The latencies of one repeat, by scenario.
using Repeat = std::map<std::string, nlohmann::json>;

// A number of one repeat, made of the latencies of the scenarios that it needs.
struct Measure {
    std::string name;
    std::vector<std::string> needs;
    std::function<double(const Repeat&)> value;
};

double at(const Repeat& repeat, const std::string& scenario, const char* percentile) {
    return repeat.at(scenario).at(percentile).get<double>();
}

Measure percentile_of(const std::string& scenario, const std::string& prefix, const char* which) {
    return {fmt::format("{}_{}_us", prefix, which), {scenario}, [=](const Repeat& repeat) {
                return at(repeat, scenario, which);
            }};
}

Measure p99_against(const std::string& other, const char* name) {
    return {name, {"headway", other}, [=](const Repeat& repeat) {
                return at(repeat, "headway", "p99") / at(repeat, other, "p99");
            }};
}

std::vector<Measure> all_measures() {
    std::vector<Measure> measures = {p99_against("alone", "p99_vs_alone"),
                                     p99_against("time-slicing", "p99_vs_time_slicing")};
    for (const PreemptScenario& scenario : preempt_scenarios()) {
        const std::string name = scenario.name;
        std::string prefix = name;
        std::replace(prefix.begin(), prefix.end(), '-', '_');
        measures.push_back(percentile_of(name, prefix, "p50"));
        measures.push_back(percentile_of(name, prefix, "p99"));
        if (!scenario.low) continue;
        measures.push_back({prefix + "_switch_us", {name, "alone"}, [=](const Repeat& repeat) {
                                return at(repeat, name, "p1") - at(repeat, "alone", "p50");
                            }});
        measures.push_back({prefix + "_slice_us", {name}, [=](const Repeat& repeat) {
                                return at(repeat, name, "p99") - at(repeat, name, "p1");
                            }});
    }
    return measures;
}

}  // namespace

nlohmann::json summarise_preempt(const nlohmann::json& scenarios, std::uint64_t seed) {
    std::map<int, Repeat> repeats;
    for (const nlohmann::json& entry : scenarios) {
        repeats[entry.at("repeat").get<int>()][entry.at("name").get<std::string>()] =
            entry.at("latency_us");
    }
    nlohmann::json summary = nlohmann::json::object();
    for (const Measure& measure : all_measures()) {
        std::vector<double> values;
        for (const auto& [index, repeat] : repeats) {
            const bool complete = std::all_of(
                measure.needs.begin(), measure.needs.end(), [&r = repeat](const std::string& name) {
                    return r.count(name) != 0;
                });
            if (complete) values.push_back(rounded(measure.value(repeat)));
        }
        if (!values.empty()) summary[measure.name] = ratio_json(median_with_ci95(values, seed));
    }
    return summary;
}

nlohmann::json judge_preempt(const nlohmann::json& summary) {
    nlohmann::json bar = {{"met", nullptr}, {"detail", "the scenario headway was not measured"}};
    if (summary.contains("headway_p99_us")) {
        const double p99_us = summary.at("headway_p99_us").at("median").get<double>();
        bar["met"] = p99_us <= kP99MaxUs;
        bar["detail"] = fmt::format(
            "P99 of an empty kernel with Headway: {:.0f} us (asked: <= {:.0f})", p99_us, kP99MaxUs);
    }
    return {{"preemption", bar}};
}

}  // namespace headway::bench
