#include "bench/mix/summary.h"

#include "bench/mix/scenarios.h"
#include "bench/result/ratios.h"
#include "bench/two_models/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

// What is compared of the first high member and of low; against its alone, or time-slicing.
struct Rule {
    const char* name;
    const char* number;
    bool alone;
};

constexpr Rule kRules[] = {
    {"p50_vs_alone", "high.p50_ms", true},
    {"p99_vs_alone", "high.p99_ms", true},
    {"p50_vs_native", "high.p50_ms", false},
    {"p99_vs_native", "high.p99_ms", false},
    {"first_token_p99_vs_alone", "high.first_token_ms.p99", true},
    {"first_token_p99_vs_native", "high.first_token_ms.p99", false},
    {"between_tokens_p99_vs_alone", "high.between_tokens_ms.p99", true},
    {"between_tokens_p99_vs_native", "high.between_tokens_ms.p99", false},
    {"low_vs_alone", "low.images_per_s", true},
    {"low_vs_native", "low.images_per_s", false},
};

// A number of a high member, be it the first one ("high") or another ("members").
std::optional<double> number_of_member(const Repeat& repeat,
                                       const std::string& scenario,
                                       const std::string& member,
                                       const char* number) {
    const Json* const entry = find_entry(repeat, scenario);
    if (entry == nullptr || !entry->contains("members")) return std::nullopt;
    for (const Json& one : entry->at("members")) {
        if (one.at("name") == member) return one.at("numbers").at(number).get<double>();
    }
    return std::nullopt;
}

void add_first_member(Json& summary,
                      const std::map<int, Repeat>& repeats,
                      const MixOptions& options) {
    const MixMember& first = options.workload.members.front();
    for (const Rule& rule : kRules) {
        const std::string number = rule.number;
        const bool low = number.rfind("low.", 0) == 0;
        const std::string of = !rule.alone ? "native" : low ? "low-alone" : alone_name(first);
        const auto ratio = [&](const Repeat& repeat) {
            return divided(number_of(repeat, "headway", number), number_of(repeat, of, number));
        };
        add_ratio(summary, rule.name, repeats, ratio, options.seed);
    }
}

// NAME_p50_vs_alone, NAME_p99_vs_alone and the same against time-slicing.
void add_other_member(Json& summary,
                      const std::map<int, Repeat>& repeats,
                      const MixMember& member,
                      std::uint64_t seed) {
    std::string name = member.name;
    std::replace(name.begin(), name.end(), '-', '_');
    for (const char* percentile : {"p50", "p99"}) {
        for (const bool alone : {true, false}) {
            const std::string number = fmt::format("{}_ms", percentile);
            const std::string of = alone ? alone_name(member) : "native";
            const auto ratio = [&](const Repeat& repeat) {
                return divided(number_of_member(repeat, "headway", member.name, number.c_str()),
                               number_of_member(repeat, of, member.name, number.c_str()));
            };
            const std::string title =
                fmt::format("{}_{}_vs_{}", name, percentile, alone ? "alone" : "native");
            add_ratio(summary, title, repeats, ratio, seed);
        }
    }
}

void say(Json& bar, const std::string& text) {
    bar["detail"] = bar.at("detail").get<std::string>() + "; " + text;
}

}  // namespace

void add_mix_bounds(Json& scenarios, const MixOptions& options) {
    const auto needed = [&options](const Repeat& repeat) -> std::optional<double> {
        double share = 0;
        for (const MixMember& member : options.workload.members) {
            if (!member.high) continue;
            const std::string alone = alone_name(member);
            const bool first = &member == &options.workload.members.front();
            const auto service_ms =
                first ? number_of(repeat, alone, "high.mean_service_ms")
                      : number_of_member(repeat, alone, member.name, "mean_service_ms");
            if (!service_ms) return std::nullopt;
            share += member.on(options.device).rate_per_s * *service_ms / 1000;
        }
        return share;
    };
    add_bounds(scenarios, needed);
}

Json summarise_mix(const Json& scenarios, const MixOptions& options) {
    Json summary = Json::object();
    const std::map<int, Repeat> repeats = by_repeat(scenarios);
    add_first_member(summary, repeats, options);
    for (const MixMember& member : options.workload.members) {
        if (!member.high || &member == &options.workload.members.front()) continue;
        add_other_member(summary, repeats, member, options.seed);
    }
    add_ratio(summary, "low_vs_exclusive_bound", repeats, low_of_bound, options.seed);
    return summary;
}

Json judge_mix(const Json& scenarios, const Json& summary, std::size_t scenarios_wanted) {
    Json verdict = judge({scenarios, summary, scenarios_wanted});
    Json& minimum = verdict["minimum"];
    std::uint64_t unfinished = 0;
    for (const Json& entry : scenarios) {
        for (const Json& member : entry.value("members", Json::array()))
            unfinished += member.at("numbers").at("unfinished").get<std::uint64_t>();
        if (!entry.contains("counters")) continue;
        if (entry.at("counters").at("low").at("held").get<std::uint64_t>() > 0) continue;
        minimum["met"] = false;
        say(minimum,
            fmt::format("low was NEVER HELD in repeat {} of headway",
                        entry.at("repeat").get<int>()));
    }
    if (unfinished > 0) {
        say(minimum, fmt::format("{} requests of further high members were given up", unfinished));
    }
    return verdict;
}

}  // namespace headway::bench
