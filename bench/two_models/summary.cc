#include "bench/two_models/summary.h"

#include "bench/result/bars.h"
#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"
#include "bench/two_models/equality.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

// scenario name -> entry, of one repeat.
using Repeat = std::map<std::string, const Json*, std::less<>>;

// What a pair of models has without Headway: with processes it has another name, and stands in its
// place in every ratio.
constexpr std::string_view kNative = "native";
constexpr std::string_view kTimeSlicing = "time-slicing";

std::map<int, Repeat> by_repeat(const Json& scenarios) {
    std::map<int, Repeat> repeats;
    for (const Json& entry : scenarios) {
        repeats[entry.at("repeat").get<int>()][entry.at("name").get<std::string>()] = &entry;
    }
    return repeats;
}

// A number such as "low.images_per_s" of one scenario, or nothing.
std::optional<double> number(const Repeat& repeat,
                             std::string_view scenario,
                             const char* model,
                             const char* field) {
    auto found = repeat.find(scenario);
    if (found == repeat.end() && scenario == kNative) found = repeat.find(kTimeSlicing);
    if (found == repeat.end()) return std::nullopt;
    const Json::json_pointer path(fmt::format("/{}/{}", model, field));
    if (!found->second->contains(path)) return std::nullopt;
    return found->second->at(path).get<double>();
}

struct RatioRule {
    const char* name;
    const char* model;
    const char* field;
    const char* of;  // scenario of the denominator; the numerator is "headway"
};

// Throughput in images, which stay comparable when one scenario had to take a smaller batch.
constexpr RatioRule kRules[] = {
    {"p50_vs_alone", "high", "p50_ms", "high-alone"},
    {"p99_vs_alone", "high", "p99_ms", "high-alone"},
    {"p50_vs_native", "high", "p50_ms", "native"},
    {"p99_vs_native", "high", "p99_ms", "native"},
    {"low_vs_alone", "low", "images_per_s", "low-alone"},
    {"low_vs_native", "low", "images_per_s", "native"},
};

void add_ratio(Json& summary,
               const std::string& name,
               const std::map<int, Repeat>& repeats,
               const std::function<std::optional<double>(const Repeat&)>& ratio,
               std::uint64_t seed) {
    std::vector<double> values;
    for (const auto& [index, repeat] : repeats) {
        if (const auto value = ratio(repeat)) values.push_back(*value);
    }
    if (!values.empty()) summary[name] = ratio_json(median_with_ci95(values, seed));
}

std::optional<double> divided(std::optional<double> numerator, std::optional<double> denominator) {
    if (!numerator || !denominator || *denominator <= 0) return std::nullopt;
    return *numerator / *denominator;
}

// What stands beside Headway: the scenarios that run both models, in the order of their names.
std::set<std::string> alternatives(const Json& scenarios) {
    std::set<std::string> names;
    for (const Json& entry : scenarios) {
        if (entry.contains("high") && entry.contains("low")) names.insert(entry.at("name"));
    }
    names.erase("headway");
    return names;
}

// What a point of latency against throughput needs.
void add_alternative(Json& summary,
                     const std::string& name,
                     const std::map<int, Repeat>& repeats,
                     std::uint64_t seed) {
    struct AlternativeRule {
        const char* name;
        const char* model;
        const char* field;
        const char* of;  // scenario of the denominator, or null: the bound of the same scenario
    };

    constexpr AlternativeRule kAlternativeRules[] = {
        {"p50_vs_alone", "high", "p50_ms", "high-alone"},
        {"p99_vs_alone", "high", "p99_ms", "high-alone"},
        {"low_vs_alone", "low", "images_per_s", "low-alone"},
        {"low_vs_exclusive_bound", "low", "iterations_per_s", nullptr},
    };
    std::string prefix = name;
    std::replace(prefix.begin(), prefix.end(), '-', '_');
    for (const AlternativeRule& rule : kAlternativeRules) {
        const auto ratio = [&](const Repeat& repeat) {
            const auto of = rule.of != nullptr
                                ? number(repeat, rule.of, rule.model, rule.field)
                                : number(repeat, name, rule.model, "exclusive_bound_per_s");
            return divided(number(repeat, name, rule.model, rule.field), of);
        };
        add_ratio(summary, fmt::format("{}_{}", prefix, rule.name), repeats, ratio, seed);
    }
}

std::uint64_t unfinished_requests(const Json& scenarios) {
    std::uint64_t count = 0;
    for (const Json& entry : scenarios) {
        if (entry.contains("high")) count += entry.at("high").at("unfinished").get<std::uint64_t>();
    }
    return count;
}

Json minimum_of(const VerdictInput& input) {
    Json bar = minimum_bar(input.scenarios, input.scenarios_wanted, outputs_equal(input.scenarios));
    const std::uint64_t unfinished = unfinished_requests(input.scenarios);
    if (unfinished > 0) {
        bar["detail"] = bar.at("detail").get<std::string>() +
                        fmt::format(
                            "; {} requests were given up: the rate is above what the "
                            "device serves",
                            unfinished);
    }
    return bar;
}

}  // namespace

void add_exclusive_bounds(Json& scenarios, double rate_per_s) {
    const std::map<int, Repeat> repeats = by_repeat(scenarios);
    for (Json& entry : scenarios) {
        if (!entry.contains("high") || !entry.contains("low")) continue;
        const Repeat& repeat = repeats.at(entry.at("repeat").get<int>());
        const auto service_ms = number(repeat, "high-alone", "high", "mean_service_ms");
        const auto images_per_s = number(repeat, "low-alone", "low", "images_per_s");
        if (!service_ms || !images_per_s) continue;
        const double left = std::max(0.0, 1 - rate_per_s * *service_ms / 1000);
        Json& low = entry["low"];
        low["exclusive_bound_per_s"] = *images_per_s * left / low.at("batch").get<double>();
    }
}

Json summarise_ratios(const Json& scenarios, std::uint64_t seed) {
    Json summary = Json::object();
    const std::map<int, Repeat> repeats = by_repeat(scenarios);
    for (const RatioRule& rule : kRules) {
        const auto ratio = [&rule](const Repeat& repeat) {
            return divided(number(repeat, "headway", rule.model, rule.field),
                           number(repeat, rule.of, rule.model, rule.field));
        };
        add_ratio(summary, rule.name, repeats, ratio, seed);
    }
    const auto of_bound = [](const Repeat& repeat) {
        return divided(number(repeat, "headway", "low", "iterations_per_s"),
                       number(repeat, "headway", "low", "exclusive_bound_per_s"));
    };
    add_ratio(summary, "low_vs_exclusive_bound", repeats, of_bound, seed);
    for (const std::string& name : alternatives(scenarios))
        add_alternative(summary, name, repeats, seed);
    return summary;
}

Json judge(const VerdictInput& input) {
    return {{"minimum", minimum_of(input)},
            {"ideal",
             decide(input.summary,
                    {{"p50_vs_native", true, 0.9},
                     {"p99_vs_native", true, 0.9},
                     {"low_vs_native", false, 0.8}})},
            {"ours",
             decide(input.summary,
                    {{"p99_vs_alone", true, 1.05}, {"low_vs_exclusive_bound", false, 0.98}})}};
}

}  // namespace headway::bench
