#include "bench/result/marks.h"

#include "bench/result/numbers.h"
#include "bench/stats/latency.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kRepeatsMin = 5;  // with fewer, who is the outlier is a matter of taste
constexpr double kDeviationsMax = 3.5;
constexpr double kNormalPerMad = 1.4826;
constexpr double kShareMin = 0.05;

constexpr const char* kNumbers[] = {
    "high.p50_ms", "high.p99_ms", "low.iterations_per_s", "total_time_s"};

void add_mark(Json& entry, const std::string& text) {
    entry["marks"].push_back(text);
}

void mark_throttled(Json& entry) {
    const Json::json_pointer reasons = pointer_to("machine.gpu.throttle_reasons");
    if (!entry.contains(reasons) || entry.at(reasons).empty()) return;
    const auto names = entry.at(reasons).get<std::vector<std::string>>();
    add_mark(entry, fmt::format("throttled: {}", fmt::join(names, ", ")));
}

void mark_outlying(const std::vector<Json*>& repeats, const char* name) {
    const Json::json_pointer number = pointer_to(name);
    std::vector<std::pair<Json*, double>> values;
    std::vector<double> bare;
    for (Json* entry : repeats) {
        if (!entry->contains(number) || !entry->at(number).is_number()) continue;
        values.emplace_back(entry, entry->at(number).get<double>());
        bare.push_back(values.back().second);
    }
    if (values.size() < kRepeatsMin) return;
    const double middle = median(bare);
    for (double& value : bare)
        value = std::abs(value - middle);
    const double deviation = kNormalPerMad * median(bare);
    for (const auto& [entry, value] : values) {
        const double away = std::abs(value - middle);
        if (away <= kDeviationsMax * deviation || away <= kShareMin * std::abs(middle)) continue;
        add_mark(*entry,
                 fmt::format("outlying: {} {:.4g}, and {:.4g} in the median of the repeats",
                             name,
                             value,
                             middle));
    }
}

}  // namespace

void mark_repeats(Json& scenarios) {
    std::map<std::pair<std::string, std::string>, std::vector<Json*>> groups;
    for (Json& entry : scenarios) {
        mark_throttled(entry);
        groups[{entry.value("workload", ""), entry.at("name").get<std::string>()}].push_back(
            &entry);
    }
    for (const auto& [key, repeats] : groups) {
        for (const char* name : kNumbers)
            mark_outlying(repeats, name);
    }
}

}  // namespace headway::bench
