#include "report/analysis.h"

#include "report/format.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

namespace headway::report {
namespace {

// The order in every table and plot: first what the others are compared with.
constexpr std::array<std::string_view, 22> kOrder = {
    "high-alone",      "low-alone",        "alone",      "alone-3",          "alone-2-think",
    "unscheduled-16",  "unscheduled-1-15", "mixed-1-15", "unscheduled-3-13", "mixed-3-13",
    "unscheduled-2-6", "mixed-2-6",        "native",     "time-slicing",     "stream-priority",
    "green-80",        "green-50",         "mps",        "mps-priority",     "mps-80",
    "mps-50",          "headway"};

int rank(const std::string& name) {
    const auto found = std::find(kOrder.begin(), kOrder.end(), name);
    constexpr std::string_view kAlone = "-alone";
    const bool is_alone = name.size() > kAlone.size() &&
                          name.compare(name.size() - kAlone.size(), kAlone.size(), kAlone) == 0;
    if (found == kOrder.end() && is_alone) return 0;  // a member of a mix, by its name
    return static_cast<int>(found - kOrder.begin());
}

// The median of one number over the repeats that have it.
template <typename Get>
Number median_of(const std::vector<const Scenario*>& repeats, Get get) {
    std::vector<double> values;
    for (const Scenario* scenario : repeats) {
        if (const Number value = get(*scenario)) values.push_back(*value);
    }
    return values.empty() ? Number() : Number(median(std::move(values)));
}

void condense(Group& group) {
    const auto high = [&](Number HighNumbers::*field) {
        return median_of(group.repeats, [&](const Scenario& scenario) {
            return scenario.high ? (*scenario.high).*field : Number();
        });
    };
    const auto low = [&](Number LowNumbers::*field) {
        return median_of(group.repeats, [&](const Scenario& scenario) {
            return scenario.low ? (*scenario.low).*field : Number();
        });
    };
    for (const auto field : {&HighNumbers::requests,
                             &HighNumbers::p50_ms,
                             &HighNumbers::p90_ms,
                             &HighNumbers::p95_ms,
                             &HighNumbers::p99_ms,
                             &HighNumbers::p999_ms,
                             &HighNumbers::max_ms,
                             &HighNumbers::mean_ms,
                             &HighNumbers::mean_service_ms,
                             &HighNumbers::completed_rps}) {
        group.high.*field = high(field);
    }
    for (const auto field : {&LowNumbers::iterations_per_s,
                             &LowNumbers::images_per_s,
                             &LowNumbers::batch,
                             &LowNumbers::exclusive_bound_per_s,
                             &LowNumbers::requests,
                             &LowNumbers::p50_ms,
                             &LowNumbers::p99_ms,
                             &LowNumbers::max_ms}) {
        group.low.*field = low(field);
    }
    group.total_time_s = median_of(group.repeats, [](const Scenario& s) { return s.total_time_s; });
    group.tasks_per_s = median_of(group.repeats, [](const Scenario& s) { return s.tasks_per_s; });
    for (const Scenario* scenario : group.repeats) {
        group.has_high |= scenario->high.has_value();
        group.has_low |= scenario->low.has_value();
    }
}

std::vector<Group> group_scenarios(const BenchResult& result) {
    std::map<std::pair<std::string, std::string>, std::size_t> index;
    std::vector<Group> groups;
    for (const Scenario& scenario : result.scenarios) {
        const auto [found, added] =
            index.try_emplace({scenario.workload, scenario.name}, groups.size());
        if (added) {
            Group group;
            group.name = printable(scenario.name, 40);
            group.workload = printable(scenario.workload, 40);
            group.label = group.workload.empty() ? group.name : group.workload + ": " + group.name;
            groups.push_back(std::move(group));
        }
        groups[found->second].repeats.push_back(&scenario);
    }
    for (Group& group : groups) {
        condense(group);
    }
    std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
        return std::pair(a.workload, rank(a.name)) < std::pair(b.workload, rank(b.name));
    });
    return groups;
}

// Whether every scenario that ran a model got the same outputs from it.
Outputs compare_outputs(const BenchResult& result) {
    std::map<std::pair<std::string, std::string>, std::set<std::string>> hashes;
    std::size_t count = 0;
    for (const Scenario& scenario : result.scenarios) {
        for (const auto& [model, hash] : scenario.output_sha256) {
            hashes[{scenario.workload, model}].insert(hash);
            ++count;
        }
    }
    const bool equal = std::all_of(
        hashes.begin(), hashes.end(), [](const auto& entry) { return entry.second.size() == 1; });
    if (count <= hashes.size()) return Outputs::kUnknown;  // nothing was seen twice
    return equal ? Outputs::kEqual : Outputs::kDifferent;
}

// The bound as the benchmark wrote it, or else by its definition from the medians of the file.
Number exclusive_bound(const BenchResult& result, const Analysis& analysis) {
    std::vector<double> written;
    for (const Scenario& scenario : result.scenarios) {
        if (scenario.low && scenario.low->exclusive_bound_per_s) {
            written.push_back(*scenario.low->exclusive_bound_per_s);
        }
    }
    if (!written.empty()) return median(std::move(written));
    const Group* high = find_group(analysis, "high-alone");
    const Group* low = find_group(analysis, "low-alone");
    const std::string* rate = result.find_config("rate");
    if (high == nullptr || low == nullptr || rate == nullptr) return std::nullopt;
    const Number service =
        high->high.mean_service_ms ? high->high.mean_service_ms : high->high.mean_ms;
    const double rate_per_s = std::strtod(rate->c_str(), nullptr);
    if (!service || !low->low.iterations_per_s || !(rate_per_s > 0)) return std::nullopt;
    const double left = 1 - rate_per_s * *service / 1000;
    return *low->low.iterations_per_s * std::max(left, 0.0);
}

std::string model_name(const BenchResult& result,
                       const char* key,
                       const char* in_two_models,
                       const char* otherwise) {
    if (const std::string* name = result.find_config(key)) return printable(*name, 40);
    return result.benchmark == "two-models" ? in_two_models : otherwise;
}

std::vector<Bar> described_bars(const BenchResult& result) {
    std::vector<Bar> bars;
    const auto add = [&](const Bar& bar) {
        const std::string detail = bar.detail.empty() ? bar_meaning(bar.name) : bar.detail;
        bars.push_back({printable(bar.name, 40), bar.met, printable(detail, 400)});
    };
    for (const char* known : {"minimum", "ideal", "ours"}) {
        for (const Bar& bar : result.verdict) {
            if (bar.name == known) add(bar);
        }
    }
    for (const Bar& bar : result.verdict) {
        if (bar_meaning(bar.name).empty()) add(bar);
    }
    return bars;
}

}  // namespace

double median(std::vector<double> values) {
    const std::size_t half = values.size() / 2;
    std::sort(values.begin(), values.end());
    return values.size() % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
}

const Group* find_group(const Analysis& analysis, std::string_view name) {
    for (const Group& group : analysis.groups) {
        if (group.name == name && group.workload.empty()) return &group;
    }
    return nullptr;
}

const Ratio* find_ratio(const BenchResult& result, std::string_view name) {
    for (const Ratio& ratio : result.summary) {
        if (ratio.name == name) return &ratio;
    }
    return nullptr;
}

std::string bar_meaning(std::string_view name) {
    if (name == "minimum") {
        return "the models ran, every scenario delivered data, outputs are equal";
    }
    if (name == "ideal") {
        return "P50 and P99 at least 10 % better than native, low loses under 20 %";
    }
    if (name == "ours") return "P99 within 5 % of alone, low within 2 % of the exclusive bound";
    return {};
}

Analysis analyse(const BenchResult& result) {
    Analysis analysis;
    analysis.groups = group_scenarios(result);
    for (const Group& group : analysis.groups) {
        analysis.repeats = std::max(analysis.repeats, group.repeats.size());
    }
    analysis.high_model = model_name(result, "high_model", "ResNet-18", "high");
    analysis.low_model = model_name(result, "low_model", "ResNet-50", "low");
    analysis.title = result.benchmark == "two-models" || result.benchmark == "mix"
                         ? fmt::format("{} beside {}", analysis.high_model, analysis.low_model)
                         : fmt::format("Benchmark {}", printable(result.benchmark, 60));
    analysis.outputs = compare_outputs(result);
    analysis.exclusive_bound_per_s = exclusive_bound(result, analysis);
    analysis.bars = described_bars(result);
    analysis.sentences = summary_sentences(result, analysis);
    analysis.warnings = warnings(result, analysis);
    analysis.tables = all_tables(result, analysis);
    return analysis;
}

}  // namespace headway::report
