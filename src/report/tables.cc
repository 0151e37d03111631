#include "report/tables.h"

#include "report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace headway::report {
namespace {

constexpr const char* kDash = "–";

std::string repeats_note(const Analysis& analysis) {
    if (analysis.repeats < 2) return {};
    return fmt::format("Each number is the median of {} repeats.", analysis.repeats);
}

// Leaves out columns (other than the first) that have no number in any row.
void drop_empty_columns(Table& table) {
    for (std::size_t column = table.columns.size(); column-- > 1;) {
        const bool empty = std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
            return row[column] == kDash || row[column].empty();
        });
        if (!empty) continue;
        const auto offset = static_cast<std::ptrdiff_t>(column);
        table.columns.erase(table.columns.begin() + offset);
        for (auto& row : table.rows) {
            row.erase(row.begin() + offset);
        }
    }
}

Table latency_table(const BenchResult& result, const Analysis& analysis) {
    Table table;
    table.title = "Latency" + of_model(analysis.high_model) + " (high priority)";
    table.note = "From the scheduled arrival of a request to its result. " + repeats_note(analysis);
    const bool overhead = result.benchmark == "overhead";
    if (overhead) {
        table.title = "Time of one pass (high)";
        table.note = "One pass after the other, nobody competes. " + repeats_note(analysis);
    } else if (result.benchmark == "threads") {
        table.note = "From the start of a task to its result. " + repeats_note(analysis);
    } else if (result.benchmark == "preempt") {
        table.note = "From before the launch to after the wait. " + repeats_note(analysis);
    } else if (result.benchmark == "opencl-latency") {
        table.note = "From a kernel's enqueueing to its start, as clpeak prints it. " +
                     repeats_note(analysis);
    }
    table.columns = {{"scenario", "", true},
                     {overhead ? "passes" : "requests", ""},
                     {"P50", "ms"},
                     {"P90", "ms"},
                     {"P95", "ms"},
                     {"P99", "ms"},
                     {"P99.9", "ms"},
                     {"max", "ms"},
                     {"mean", "ms"},
                     {"rate", "req/s"}};
    for (const Group& group : analysis.groups) {
        if (!group.has_high) continue;
        const HighNumbers& high = group.high;
        table.rows.push_back({group.label,
                              count_text(high.requests),
                              number_text(high.p50_ms),
                              number_text(high.p90_ms),
                              number_text(high.p95_ms),
                              number_text(high.p99_ms),
                              number_text(high.p999_ms),
                              number_text(high.max_ms),
                              number_text(high.mean_ms),
                              number_text(high.completed_rps)});
    }
    return table;
}

std::string share(const Number& value, const Number& of) {
    if (!value || !of || !(*of > 0)) return kDash;
    return fmt::format("{:.1f}", *value / *of * 100);
}

Table throughput_table(const Analysis& analysis) {
    Table table;
    table.title = "Throughput" + of_model(analysis.low_model) + " (low priority)";
    table.columns = {{"scenario", "", true},
                     {"iterations/s", ""},
                     {"images/s", ""},
                     {"batch", ""},
                     {"of bound", "%"}};
    const Number& bound = analysis.exclusive_bound_per_s;
    if (bound) {
        table.note = fmt::format(
            "The exclusive bound, {} it/s, is what is left when {} has the device to itself "
            "whenever "
            "it needs it. ",
            significant(*bound),
            analysis.high_model);
    }
    table.note += repeats_note(analysis);
    for (const Group& group : analysis.groups) {
        if (!group.has_low) continue;
        const bool alone = group.name == "low-alone";
        table.rows.push_back({group.label,
                              number_text(group.low.iterations_per_s),
                              number_text(group.low.images_per_s),
                              count_text(group.low.batch),
                              alone ? kDash : share(group.low.iterations_per_s, bound)});
    }
    return table;
}

// What a microsecond of `preempt` is, by the end of its name.
std::string latency_meaning(std::string_view name) {
    const auto ends = [name](std::string_view ending) {
        return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
    };
    if (ends("_p50_us")) return "P50, microseconds";
    if (ends("_p99_us")) return "P99, microseconds";
    if (ends("_switch_us")) return "P1 - P50 alone: the context switch, microseconds";
    if (ends("_slice_us")) return "P99 - P1: what was left of the slice, microseconds";
    return {};
}

// Of another scenario than Headway, whose name comes first: "mps_priority_p99_vs_alone".
std::string alternative_meaning(std::string_view name) {
    struct Ending {
        std::string_view text;
        const char* before;
        const char* after;
    };

    constexpr Ending kEndings[] = {
        {"_p50_vs_alone", "P50 with ", " / alone"},
        {"_p99_vs_alone", "P99 with ", " / alone"},
        {"_low_vs_alone", "low throughput with ", " / alone"},
        {"_low_vs_exclusive_bound", "low throughput with ", " / exclusive bound"},
    };
    for (const Ending& ending : kEndings) {
        if (name.size() <= ending.text.size()) continue;
        const std::size_t length = name.size() - ending.text.size();
        if (name.substr(length) != ending.text) continue;
        std::string scenario(name.substr(0, length));
        std::replace(scenario.begin(), scenario.end(), '_', '-');
        return ending.before + printable(scenario, 40) + ending.after;
    }
    return {};
}

// "P99 of first token with Headway / alone": what a mix compares besides, by its name.
std::string mix_meaning(const std::string& name, const std::string& native) {
    for (const char* percentile : {"p50", "p99"}) {
        for (const std::string of : {"alone", "native"}) {
            const std::string ending = fmt::format("_{}_vs_{}", percentile, of);
            if (name.size() <= ending.size()) continue;
            const std::size_t length = name.size() - ending.size();
            if (name.compare(length, ending.size(), ending) != 0) continue;
            std::string who = name.substr(0, length);
            std::replace(who.begin(), who.end(), '_', ' ');
            if (who == "first token") who = "the time to the first token";
            if (who == "between tokens") who = "the time between tokens";
            return fmt::format("P{} of {} with Headway / {}",
                               percentile + 1,
                               printable(who, 40),
                               of == "native" ? native : of);
        }
    }
    return {};
}

std::string ratio_meaning(const BenchResult& result, std::string_view name) {
    if (result.benchmark == "overhead") return "time of a pass with Headway / without";
    if (name == "p50_vs_alone") return "P50 with Headway / alone";
    if (name == "p99_vs_alone") return "P99 with Headway / alone";
    const std::string* const baseline = result.find_config("baseline");
    const std::string native = baseline == nullptr ? "native" : printable(*baseline, 40);
    if (name == "p50_vs_native") return "P50 with Headway / " + native;
    if (name == "p99_vs_native") return "P99 with Headway / " + native;
    if (name == "low_vs_alone") return "low throughput with Headway / alone";
    if (name == "low_vs_native") return "low throughput with Headway / " + native;
    if (name == "low_vs_exclusive_bound") return "low throughput with Headway / exclusive bound";
    if (name == "p99_vs_time_slicing") return "P99 with Headway / time-slicing";
    if (std::string text = latency_meaning(name); !text.empty()) return text;
    if (result.benchmark == "mix") return mix_meaning(std::string(name), native);
    // The threads have classes of their own in these places.
    return result.benchmark == "threads" ? std::string() : alternative_meaning(name);
}

constexpr std::array<const char*, 7> kRatioOrder = {"p50_vs_alone",
                                                    "p99_vs_alone",
                                                    "p50_vs_native",
                                                    "p99_vs_native",
                                                    "low_vs_alone",
                                                    "low_vs_native",
                                                    "low_vs_exclusive_bound"};

Table ratio_table(const BenchResult& result, const Analysis& analysis) {
    Table table;
    table.title = "Ratios";
    table.note =
        "Taken within each repeat; median over the repeats, with the 95 % bootstrap interval.";
    if (analysis.repeats < 2) table.note = "One repeat: no interval.";
    table.columns = {
        {"ratio", "", true}, {"median", ""}, {"95 % interval", ""}, {"meaning", "", true}};
    std::vector<const Ratio*> ratios;
    for (const char* name : kRatioOrder) {
        if (const Ratio* ratio = find_ratio(result, name)) ratios.push_back(ratio);
    }
    for (const Ratio& ratio : result.summary) {
        const bool listed =
            std::find(kRatioOrder.begin(), kRatioOrder.end(), ratio.name) != kRatioOrder.end();
        if (!listed) ratios.push_back(&ratio);
    }
    for (const Ratio* ratio : ratios) {
        const std::string interval = ratio->ci95 ? fmt::format("{} to {}",
                                                               ratio_text(ratio->ci95->first),
                                                               ratio_text(ratio->ci95->second))
                                                 : kDash;
        table.rows.push_back({printable(ratio->name, 60),
                              ratio_text(ratio->median),
                              interval,
                              ratio_meaning(result, ratio->name)});
    }
    return table;
}

// A counter of one lane, the median over the repeats; times come in nanoseconds.
Number counter(const Group& group, const std::string& lane, std::string_view name) {
    std::vector<double> values;
    for (const Scenario* scenario : group.repeats) {
        const auto counters = scenario->counters.find(lane);
        if (counters == scenario->counters.end()) continue;
        for (const auto& [key, value] : counters->second) {
            if (key == name) values.push_back(value);
        }
    }
    return values.empty() ? Number() : Number(median(std::move(values)));
}

std::string milliseconds(const Number& value_ns) {
    return value_ns ? significant(*value_ns / 1e6) : kDash;
}

Table scheduling_table(const Analysis& analysis) {
    Table table;
    table.title = "What the scheduler did";
    table.note =
        "Launches by lane: passed (nobody else on the device), gated (looked at), held (had to "
        "wait), "
        "bypassed (not scheduled). " +
        repeats_note(analysis);
    table.columns = {{"scenario, lane", "", true},
                     {"passed", ""},
                     {"gated", ""},
                     {"held", ""},
                     {"bypassed", ""},
                     {"markers", ""},
                     {"held for", "ms"},
                     {"window", "ms"},
                     {"timeouts", ""}};
    for (const Group& group : analysis.groups) {
        std::map<std::string, int> lanes;
        for (const Scenario* scenario : group.repeats) {
            for (const auto& [lane, counters] : scenario->counters) {
                if (!counters.empty()) lanes[lane] = 1;
            }
        }
        for (const auto& [lane, present] : lanes) {
            const auto count = [&, name = lane](const char* what) {
                return count_text(counter(group, name, what));
            };
            table.rows.push_back(
                {lane.empty() ? group.label : group.label + ", " + printable(lane, 30),
                 count("passed"),
                 count("gated"),
                 count("held"),
                 count("bypassed"),
                 count("markers"),
                 milliseconds(counter(group, lane, "hold_ns")),
                 milliseconds(counter(group, lane, "window_ns")),
                 count("hold_timeouts")});
        }
    }
    return table;
}

// The kinds of memory that any scenario names, at most eight: they become columns.
std::vector<std::string> memory_kinds(const Analysis& analysis) {
    std::vector<std::string> kinds;
    for (const Group& group : analysis.groups) {
        for (const Scenario* scenario : group.repeats) {
            for (const auto& [kind, mib] : scenario->memory_mib) {
                const bool known = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
                if (!known && kinds.size() < 8) kinds.push_back(kind);
            }
        }
    }
    return kinds;
}

Number memory_of(const Group& group, const std::string& kind) {
    std::vector<double> values_mib;
    for (const Scenario* scenario : group.repeats) {
        for (const auto& [key, mib] : scenario->memory_mib) {
            if (key == kind) values_mib.push_back(mib);
        }
    }
    return values_mib.empty() ? Number() : Number(median(std::move(values_mib)));
}

Table memory_table(const Analysis& analysis) {
    Table table;
    table.title = "Memory";
    table.note = repeats_note(analysis);
    table.columns = {{"scenario", "", true}};
    const std::vector<std::string> kinds = memory_kinds(analysis);
    for (const std::string& kind : kinds) {
        table.columns.push_back({printable(kind, 30), "MiB"});
    }
    for (const Group& group : analysis.groups) {
        std::vector<std::string> row = {group.label};
        for (const std::string& kind : kinds) {
            row.push_back(count_text(memory_of(group, kind)));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace

std::string of_model(const std::string& model) {
    return model == "high" || model == "low" ? std::string() : " of " + model;
}

std::vector<Table> all_tables(const BenchResult& result, const Analysis& analysis) {
    // Its ratios are columns of its own table.
    if (result.benchmark == "operators") return {operators_table(result, analysis)};
    std::vector<Table> tables = {latency_table(result, analysis),
                                 throughput_table(analysis),
                                 tasks_table(analysis),
                                 ratio_table(result, analysis),
                                 scheduling_table(analysis),
                                 memory_table(analysis)};
    for (Table& table : tables) {
        drop_empty_columns(table);
    }
    const auto empty = [](const Table& table) {
        return table.rows.empty() || table.columns.size() < 2;
    };
    tables.erase(std::remove_if(tables.begin(), tables.end(), empty), tables.end());
    return tables;
}

}  // namespace headway::report
