#include "bench/threads/summary.h"

#include "bench/result/bars.h"
#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"
#include "bench/threads/scenarios.h"
#include "bench/two_models/equality.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

// scenario name -> entry, of one repeat.
using Repeat = std::map<std::string, const Json*>;

std::map<int, Repeat> by_repeat(const Json& scenarios) {
    std::map<int, Repeat> repeats;
    for (const Json& entry : scenarios) {
        repeats[entry.at("repeat").get<int>()][entry.at("name").get<std::string>()] = &entry;
    }
    return repeats;
}

struct RatioRule {
    const char* name;
    const char* number;                    // in the entries of both scenarios
    const char* ThreadsMix::*denominator;  // the numerator is the mix with Headway
};

constexpr RatioRule kRules[] = {
    {"high_p50_vs_alone", "high.p50_ms", &ThreadsMix::alone},
    {"high_p99_vs_alone", "high.p99_ms", &ThreadsMix::alone},
    {"high_p50_vs_unscheduled", "high.p50_ms", &ThreadsMix::unscheduled},
    {"high_p99_vs_unscheduled", "high.p99_ms", &ThreadsMix::unscheduled},
    {"low_p99_vs_unscheduled", "low.p99_ms", &ThreadsMix::unscheduled},
    {"total_time_vs_unscheduled", "total_time_s", &ThreadsMix::unscheduled},
};

// Of the repeats that have both scenarios.
std::vector<double> ratios_of(const std::map<int, Repeat>& repeats,
                              const ThreadsMix& mix,
                              const RatioRule& rule) {
    const Json::json_pointer number = pointer_to(rule.number);
    std::vector<double> values;
    for (const auto& [index, repeat] : repeats) {
        const auto with = repeat.find(mix.headway);
        const auto without = repeat.find(mix.*rule.denominator);
        if (with == repeat.end() || without == repeat.end()) continue;
        values.push_back(with->second->at(number).get<double>() /
                         without->second->at(number).get<double>());
    }
    return values;
}

}  // namespace

Json summarise_threads(const Json& scenarios, std::uint64_t seed) {
    Json summary = Json::object();
    const std::map<int, Repeat> repeats = by_repeat(scenarios);
    for (const ThreadsMix& mix : threads_mixes()) {
        for (const RatioRule& rule : kRules) {
            const std::vector<double> values = ratios_of(repeats, mix, rule);
            if (values.empty()) continue;
            summary[fmt::format("{}_{}", mix.prefix, rule.name)] =
                ratio_json(median_with_ci95(values, seed));
        }
    }
    return summary;
}

Json judge_threads(const Json& scenarios, const Json& summary, std::size_t scenarios_wanted) {
    return {{"minimum", minimum_bar(scenarios, scenarios_wanted, outputs_equal(scenarios))},
            {"one high of 16",
             decide(summary,
                    {{"mixed_1_15_high_p50_vs_alone", true, 1.10},
                     {"mixed_1_15_high_p99_vs_alone", true, 1.10}})},
            {"three high of 16",
             decide(summary,
                    {{"mixed_3_13_high_p50_vs_alone", true, 1.10},
                     {"mixed_3_13_high_p99_vs_alone", true, 1.10}})},
            {"total time",
             decide(summary,
                    {{"mixed_1_15_total_time_vs_unscheduled", true, 1.03},
                     {"mixed_3_13_total_time_vs_unscheduled", true, 1.03}})}};
}

}  // namespace headway::bench
