#include "bench/result/bars.h"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

std::optional<double> median_of(const Json& summary, const char* name) {
    if (!summary.contains(name)) return std::nullopt;
    return summary.at(name).at("median").get<double>();
}

}  // namespace

Json decide(const Json& summary, const std::vector<Condition>& conditions) {
    bool all_met = true;
    bool any_unknown = false;
    std::vector<std::string> details;
    for (const Condition& condition : conditions) {
        const auto value = median_of(summary, condition.ratio);
        const char* const sense = condition.at_most ? "<=" : ">=";
        if (!value) {
            any_unknown = true;
            details.push_back(fmt::format("{} was not measured", condition.ratio));
            continue;
        }
        const bool met = condition.at_most ? *value <= condition.limit : *value >= condition.limit;
        all_met = all_met && met;
        details.push_back(fmt::format(
            "{} {:.3f} (asked: {} {})", condition.ratio, *value, sense, condition.limit));
    }
    Json bar = {{"met", all_met}, {"detail", fmt::format("{}", fmt::join(details, "; "))}};
    if (all_met && any_unknown) bar["met"] = nullptr;
    return bar;
}

Json minimum_bar(const Json& scenarios, std::size_t scenarios_wanted, bool equal_outputs) {
    return {{"met", scenarios.size() == scenarios_wanted && equal_outputs},
            {"detail",
             fmt::format("{} of {} scenario runs delivered data; outputs {} in all of them",
                         scenarios.size(),
                         scenarios_wanted,
                         equal_outputs ? "are the same" : "DIFFER")}};
}

}  // namespace headway::bench
