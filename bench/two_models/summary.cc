#include "bench/two_models/summary.h"

#include "bench/result/bars.h"
#include "bench/result/ratios.h"
#include "bench/two_models/equality.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

struct RatioRule {
    const char* name;
    const char* number;
    const char* of;  // scenario of the denominator; the numerator is "headway"
};

// Throughput in images, which stay comparable when one scenario had to take a smaller batch.
constexpr RatioRule kRules[] = {
    {"p50_vs_alone", "high.p50_ms", "high-alone"},
    {"p99_vs_alone", "high.p99_ms", "high-alone"},
    {"p50_vs_native", "high.p50_ms", "native"},
    {"p99_vs_native", "high.p99_ms", "native"},
    {"low_vs_alone", "low.images_per_s", "low-alone"},
    {"low_vs_native", "low.images_per_s", "native"},
};

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
        const char* number;
        const char* of;  // scenario of the denominator, or null: the bound of the same scenario
    };

    constexpr AlternativeRule kAlternativeRules[] = {
        {"p50_vs_alone", "high.p50_ms", "high-alone"},
        {"p99_vs_alone", "high.p99_ms", "high-alone"},
        {"low_vs_alone", "low.images_per_s", "low-alone"},
        {"low_vs_exclusive_bound", "low.iterations_per_s", nullptr},
    };
    std::string prefix = name;
    std::replace(prefix.begin(), prefix.end(), '-', '_');
    for (const AlternativeRule& rule : kAlternativeRules) {
        const auto ratio = [&](const Repeat& repeat) {
            const auto of = rule.of != nullptr
                                ? number_of(repeat, rule.of, rule.number)
                                : number_of(repeat, name, "low.exclusive_bound_per_s");
            return divided(number_of(repeat, name, rule.number), of);
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
    add_bounds(scenarios, [rate_per_s](const Repeat& repeat) -> std::optional<double> {
        const auto service_ms = number_of(repeat, "high-alone", "high.mean_service_ms");
        if (!service_ms) return std::nullopt;
        return rate_per_s * *service_ms / 1000;
    });
}

Json summarise_ratios(const Json& scenarios, std::uint64_t seed) {
    Json summary = Json::object();
    const std::map<int, Repeat> repeats = by_repeat(scenarios);
    for (const RatioRule& rule : kRules) {
        const auto ratio = [&rule](const Repeat& repeat) {
            return divided(number_of(repeat, "headway", rule.number),
                           number_of(repeat, rule.of, rule.number));
        };
        add_ratio(summary, rule.name, repeats, ratio, seed);
    }
    add_ratio(summary, "low_vs_exclusive_bound", repeats, low_of_bound, seed);
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
