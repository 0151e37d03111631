#include "bench/compare/compare.h"

#include "report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

namespace headway::bench {
namespace {

using report::BenchResult;
using report::Ratio;

bool ends_with(std::string_view name, std::string_view end) {
    return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
}

// Whether `word` is one of the words of a name, which are separated by underscores.
bool has_word(std::string_view name, std::string_view word) {
    for (std::size_t at = name.find(word); at != std::string_view::npos;
         at = name.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || name[at - 1] == '_';
        if (begins && (end == name.size() || name[end] == '_')) return true;
    }
    return false;
}

// Options that say how often a thing is measured or which part of the whole is, and not what.
bool is_extent(const std::string& option) {
    static const std::set<std::string> names = {"repeats", "pairs", "rounds", "scenarios", "cases"};
    return names.count(option) != 0;
}

std::string shown(const std::string* text) {
    return text == nullptr ? "absent" : report::printable(*text, 60);
}

// 7 and 7.0 are the same value: programs in other languages write numbers in their own way.
bool same_value(const std::string& left, const std::string& right) {
    if (left == right) return true;
    char* left_end = nullptr;
    char* right_end = nullptr;
    const double left_number = std::strtod(left.c_str(), &left_end);
    const double right_number = std::strtod(right.c_str(), &right_end);
    const bool numbers = !left.empty() && !right.empty() && *left_end == '\0' && *right_end == '\0';
    return numbers && left_number == right_number;
}

std::vector<std::string> differences(const report::NamedTexts& before,
                                     const report::NamedTexts& after) {
    const std::map<std::string, std::string> old_values(before.begin(), before.end());
    const std::map<std::string, std::string> new_values(after.begin(), after.end());
    std::set<std::string> names;
    for (const auto* values : {&old_values, &new_values}) {
        for (const auto& [name, value] : *values)
            names.insert(name);
    }
    std::vector<std::string> texts;
    for (const std::string& name : names) {
        const auto in_old = old_values.find(name);
        const auto in_new = new_values.find(name);
        const std::string* const was = in_old == old_values.end() ? nullptr : &in_old->second;
        const std::string* const is = in_new == new_values.end() ? nullptr : &in_new->second;
        if (was != nullptr && is != nullptr && same_value(*was, *is)) continue;
        texts.push_back(
            fmt::format("{}: {}, now {}", report::printable(name, 60), shown(was), shown(is)));
    }
    return texts;
}

report::NamedTexts only(const report::NamedTexts& texts, bool (*wanted)(const std::string&)) {
    report::NamedTexts kept;
    for (const auto& entry : texts) {
        if (wanted(entry.first)) kept.push_back(entry);
    }
    return kept;
}

// The parts of a machine without which a ratio is another ratio.
bool is_hardware(const std::string& name) {
    return name == "cpu" || name == "gpu" || name == "cores";
}

Change judge(const Ratio& before, const Ratio& after, Better better) {
    const auto [old_low, old_high] = *before.ci95;
    const auto [new_low, new_high] = *after.ci95;
    const bool rose = new_low > old_high;
    const bool fell = new_high < old_low;
    if (!rose && !fell) return Change::kUnchanged;
    if (better == Better::kUnknown) return Change::kMoved;
    return rose == (better == Better::kHigher) ? Change::kBetter : Change::kWorse;
}

std::string why_not(const ComparedRatio& ratio) {
    if (!ratio.before) return "only in the new file";
    if (!ratio.after) return "only in the old file";
    if (!ratio.before->median || !ratio.after->median) return "not measured";
    if (!ratio.before->ci95 || !ratio.after->ci95) return "no interval";
    return {};
}

nlohmann::json ratio_json(const std::optional<Ratio>& ratio) {
    if (!ratio) return nullptr;
    nlohmann::json json = {{"median", nullptr}, {"ci95", nullptr}};
    if (ratio->median) json["median"] = *ratio->median;
    if (ratio->ci95) json["ci95"] = {ratio->ci95->first, ratio->ci95->second};
    return json;
}

const char* better_name(Better better) noexcept {
    switch (better) {
        case Better::kLower:
            return "lower";
        case Better::kHigher:
            return "higher";
        case Better::kUnknown:
            break;
    }
    return "unknown";
}

std::string cell(const std::optional<Ratio>& ratio) {
    if (!ratio) return "–";
    std::string text = report::ratio_text(ratio->median);
    if (ratio->ci95) {
        text += fmt::format(" ({} to {})",
                            report::ratio_text(ratio->ci95->first),
                            report::ratio_text(ratio->ci95->second));
    }
    return text;
}

}  // namespace

Better better_of(std::string_view benchmark, std::string_view ratio) {
    if (benchmark == "overhead") return Better::kLower;
    // Of a scenario whose name may have any word in it.
    for (const char* end : {"low_vs_alone", "low_vs_exclusive_bound"}) {
        if (ends_with(ratio, end)) return Better::kHigher;
    }
    if (ends_with(ratio, "per_s") || has_word(ratio, "throughput")) return Better::kHigher;
    for (const char* unit : {"_ns", "_us", "_ms", "_s"}) {
        if (ends_with(ratio, unit)) return Better::kLower;
    }
    for (const char* word : {"p50", "p90", "p95", "p99", "p999", "max", "mean", "time"}) {
        if (has_word(ratio, word)) return Better::kLower;
    }
    return has_word(ratio, "low") ? Better::kHigher : Better::kUnknown;
}

const char* change_name(Change change) noexcept {
    switch (change) {
        case Change::kWorse:
            return "worse";
        case Change::kBetter:
            return "better";
        case Change::kUnchanged:
            return "unchanged";
        case Change::kMoved:
            return "moved";
        case Change::kNotCompared:
            break;
    }
    return "not compared";
}

std::vector<std::string> incompatibilities(const BenchResult& before, const BenchResult& after) {
    if (before.benchmark != after.benchmark) {
        return {fmt::format("benchmark: {}, now {}",
                            report::printable(before.benchmark, 60),
                            report::printable(after.benchmark, 60))};
    }
    const auto matters = [](const std::string& name) { return !is_extent(name); };
    std::vector<std::string> found =
        differences(only(before.config, matters), only(after.config, matters));
    for (const std::string& text :
         differences(only(before.host, is_hardware), only(after.host, is_hardware)))
        found.push_back("machine's " + text);
    return found;
}

Comparison compare_results(const BenchResult& before, const BenchResult& after) {
    std::map<std::string, ComparedRatio> by_name;
    for (const Ratio& ratio : before.summary)
        by_name[ratio.name].before = ratio;
    for (const Ratio& ratio : after.summary)
        by_name[ratio.name].after = ratio;
    Comparison comparison;
    for (auto& [name, ratio] : by_name) {
        ratio.name = name;
        ratio.better = better_of(after.benchmark, name);
        ratio.why = why_not(ratio);
        if (ratio.why.empty()) ratio.change = judge(*ratio.before, *ratio.after, ratio.better);
        comparison.ratios.push_back(std::move(ratio));
    }
    for (const auto& [result, which] : {std::pair(&before, "old"), std::pair(&after, "new")}) {
        if (result->partial) {
            comparison.notes.push_back(fmt::format("The {} run was interrupted.", which));
        }
    }
    const auto software = [](const std::string& name) { return !is_hardware(name); };
    for (const std::string& text :
         differences(only(before.host, software), only(after.host, software)))
        comparison.notes.push_back(fmt::format("The machine's {}.", text));
    for (const std::string& text :
         differences(only(before.config, is_extent), only(after.config, is_extent)))
        comparison.notes.push_back(fmt::format("The run's {}.", text));
    return comparison;
}

std::size_t count_of(const Comparison& comparison, Change change) {
    return static_cast<std::size_t>(
        std::count_if(comparison.ratios.begin(), comparison.ratios.end(), [change](const auto& r) {
            return r.change == change;
        }));
}

std::string comparison_text(const Comparison& comparison) {
    std::size_t width = 5;
    for (const ComparedRatio& ratio : comparison.ratios)
        width = std::max(width, ratio.name.size());
    width = std::min<std::size_t>(width, 40);
    const auto line = [width](const std::string& name,
                              const std::string& before,
                              const std::string& after,
                              const std::string& outcome) {
        return fmt::format("{:<{}}  {:<24}  {:<24}  {}\n", name, width, before, after, outcome);
    };
    std::string text = line("ratio", "old (95 % interval)", "new (95 % interval)", "change");
    for (const ComparedRatio& ratio : comparison.ratios) {
        std::string outcome = change_name(ratio.change);
        if (!ratio.why.empty()) outcome = ratio.why + ": " + outcome;
        if (ratio.change == Change::kMoved) outcome += ": which way is good is not known";
        text +=
            line(report::printable(ratio.name, 40), cell(ratio.before), cell(ratio.after), outcome);
    }
    for (const std::string& note : comparison.notes)
        text += note + "\n";
    return text + fmt::format("{} worse, {} better, {} unchanged, {} moved, {} not compared\n",
                              count_of(comparison, Change::kWorse),
                              count_of(comparison, Change::kBetter),
                              count_of(comparison, Change::kUnchanged),
                              count_of(comparison, Change::kMoved),
                              count_of(comparison, Change::kNotCompared));
}

nlohmann::json comparison_json(const Comparison& comparison) {
    nlohmann::json ratios = nlohmann::json::object();
    for (const ComparedRatio& ratio : comparison.ratios) {
        nlohmann::json& entry = ratios[ratio.name];
        entry = {{"change", change_name(ratio.change)},
                 {"better", better_name(ratio.better)},
                 {"before", ratio_json(ratio.before)},
                 {"after", ratio_json(ratio.after)}};
        if (!ratio.why.empty()) entry["why"] = ratio.why;
    }
    return {{"schema", "headway.compare/1"},
            {"worse", count_of(comparison, Change::kWorse)},
            {"better", count_of(comparison, Change::kBetter)},
            {"unchanged", count_of(comparison, Change::kUnchanged)},
            {"moved", count_of(comparison, Change::kMoved)},
            {"not_compared", count_of(comparison, Change::kNotCompared)},
            {"ratios", ratios},
            {"notes", comparison.notes}};
}

}  // namespace headway::bench
