#include "bench/operators/summary.h"

#include "bench/operators/classes.h"
#include "bench/result/numbers.h"
#include "bench/result/ratios.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

namespace headway::bench {
namespace {

// Over the classes of a pass.
std::optional<double> sum_of(const Repeat& pass, const std::string& dotted) {
    double sum = 0;
    for (const auto& [name, entry] : pass)
        sum += entry->at(pointer_to(dotted)).get<double>();
    return sum;
}

std::optional<double> longest_of(const Repeat& pass) {
    double longest = 0;
    for (const auto& [name, entry] : pass)
        longest = std::max(longest, entry->at("high").at("max_ms").get<double>());
    return longest;
}

// A class that a pass has nothing of has no share there.
std::optional<double> share_of(const Repeat& pass, std::string_view name, const char* dotted) {
    return divided(number_of(pass, name, dotted), sum_of(pass, dotted));
}

}  // namespace

nlohmann::json entries_of_pass(const std::vector<OperatorTime>& operators, int pass) {
    std::map<std::string_view, std::vector<double>> lengths_ms;
    double pass_ms = 0;
    for (const OperatorTime& one : operators) {
        lengths_ms[class_of_operator(one.name)].push_back(one.ms);
        pass_ms += one.ms;
    }
    nlohmann::json entries = nlohmann::json::array();
    for (const std::string_view name : operator_classes()) {
        const auto found = lengths_ms.find(name);
        if (found == lengths_ms.end() || !(pass_ms > 0)) continue;
        const std::vector<double>& lengths = found->second;
        const double total_ms = std::accumulate(lengths.begin(), lengths.end(), 0.0);
        const double squares =
            std::inner_product(lengths.begin(), lengths.end(), lengths.begin(), 0.0);
        nlohmann::json high = latency_json(lengths);
        high["latencies_ms"] = rounded(lengths);
        entries.push_back(
            {{"name", name},
             {"repeat", pass},
             {"high", std::move(high)},
             {"operators", {{"total_ms", total_ms}, {"wait_ms", squares / (2 * pass_ms)}}}});
    }
    return entries;
}

nlohmann::json summarise_operators(const nlohmann::json& scenarios, std::uint64_t seed) {
    const std::map<int, Repeat> passes = by_repeat(scenarios);
    nlohmann::json summary = nlohmann::json::object();
    const auto add = [&](const std::string& name, auto&& number) {
        add_ratio(summary, name, passes, number, seed);
    };
    add("pass_ms", [](const Repeat& pass) { return sum_of(pass, "operators.total_ms"); });
    add("wait_ms", [](const Repeat& pass) { return sum_of(pass, "operators.wait_ms"); });
    add("longest_ms", longest_of);
    for (const std::string_view name : operator_classes()) {
        std::string key(name);
        std::replace(key.begin(), key.end(), ' ', '_');
        add(key + "_share",
            [=](const Repeat& pass) { return share_of(pass, name, "operators.total_ms"); });
        add(key + "_wait_share",
            [=](const Repeat& pass) { return share_of(pass, name, "operators.wait_ms"); });
    }
    return summary;
}

}  // namespace headway::bench
