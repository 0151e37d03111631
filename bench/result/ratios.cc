#include "bench/result/ratios.h"

#include "bench/result/numbers.h"
#include "bench/stats/bootstrap.h"

#include <algorithm>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNative = "native";
constexpr std::string_view kTimeSlicing = "time-slicing";

}  // namespace

std::map<int, Repeat> by_repeat(const Json& scenarios) {
    std::map<int, Repeat> repeats;
    for (const Json& entry : scenarios) {
        repeats[entry.at("repeat").get<int>()][entry.at("name").get<std::string>()] = &entry;
    }
    return repeats;
}

const Json* find_entry(const Repeat& repeat, std::string_view scenario) {
    auto found = repeat.find(scenario);
    if (found == repeat.end() && scenario == kNative) found = repeat.find(kTimeSlicing);
    return found == repeat.end() ? nullptr : found->second;
}

std::optional<double> number_of(const Repeat& repeat,
                                std::string_view scenario,
                                const std::string& dotted) {
    const Json* const entry = find_entry(repeat, scenario);
    const Json::json_pointer path = pointer_to(dotted);
    if (entry == nullptr || !entry->contains(path)) return std::nullopt;
    return entry->at(path).get<double>();
}

std::optional<double> divided(std::optional<double> numerator, std::optional<double> denominator) {
    if (!numerator || !denominator || *denominator <= 0) return std::nullopt;
    return *numerator / *denominator;
}

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

void add_bounds(Json& scenarios,
                const std::function<std::optional<double>(const Repeat&)>& needed_share) {
    const std::map<int, Repeat> repeats = by_repeat(scenarios);
    for (Json& entry : scenarios) {
        if (!entry.contains("high") || !entry.contains("low")) continue;
        const Repeat& repeat = repeats.at(entry.at("repeat").get<int>());
        const auto share = needed_share(repeat);
        const auto images_per_s = number_of(repeat, "low-alone", "low.images_per_s");
        if (!share || !images_per_s) continue;
        Json& low = entry["low"];
        low["exclusive_bound_per_s"] =
            *images_per_s * std::max(0.0, 1 - *share) / low.at("batch").get<double>();
    }
}

std::optional<double> low_of_bound(const Repeat& repeat) {
    return divided(number_of(repeat, "headway", "low.iterations_per_s"),
                   number_of(repeat, "headway", "low.exclusive_bound_per_s"));
}

}  // namespace headway::bench
