// What changed between two result files of the same benchmark. Pure functions.
#pragma once

#include "report/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

enum class Better { kLower, kHigher, kUnknown };

// Which way a number of a benchmark's summary is good. It goes by the name, and in `overhead` every
// ratio is a time.
Better better_of(std::string_view benchmark, std::string_view ratio);

enum class Change {
    kWorse,      // the intervals don't overlap, and the new one lies on the bad side
    kBetter,     // the same on the good side
    kUnchanged,  // they overlap
    kMoved,      // they don't overlap, and which side is good is not known
    kNotCompared
};

// "worse", "better", ...
const char* change_name(Change change) noexcept;

struct ComparedRatio {
    std::string name;
    Better better = Better::kUnknown;
    Change change = Change::kNotCompared;
    std::string why;  // kNotCompared: "no interval", "only in the old file", ...
    std::optional<report::Ratio> before;
    std::optional<report::Ratio> after;
};

struct Comparison {
    std::vector<ComparedRatio> ratios;  // every one of both files, by name
    std::vector<std::string> notes;     // differences that don't forbid comparing, each a sentence
};

// Why the two can't be compared: another benchmark, another option, another machine. Each is one
// clause that names the difference; none if they can. How often something ran and which scenarios
// did is not held against them.
std::vector<std::string> incompatibilities(const report::BenchResult& before,
                                           const report::BenchResult& after);

Comparison compare_results(const report::BenchResult& before, const report::BenchResult& after);

// How many ratios changed in that way.
std::size_t count_of(const Comparison& comparison, Change change);

// A table for a terminal.
std::string comparison_text(const Comparison& comparison);

// {"schema": "headway.compare/1", "worse": n, ..., "ratios": {name: {"change", "better", "why",
// "before", "after"}}, "notes": [...]}.
nlohmann::json comparison_json(const Comparison& comparison);

}  // namespace headway::bench
