// Ratios of scenarios within a repeat, and the exclusive bound. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace headway::bench {

// scenario name -> entry, of one repeat.
using Repeat = std::map<std::string, const nlohmann::json*, std::less<>>;

// By number. `scenarios` is the result file's list, which must outlive what is returned.
std::map<int, Repeat> by_repeat(const nlohmann::json& scenarios);

// The scenario's entry, or null. With processes "time-slicing" stands for "native": it is what a
// set of models has there without Headway.
const nlohmann::json* find_entry(const Repeat& repeat, std::string_view scenario);

// A number such as "low.images_per_s" of one scenario, or nothing.
std::optional<double> number_of(const Repeat& repeat,
                                std::string_view scenario,
                                const std::string& dotted);

// Nothing if one of them is missing, or the denominator is not above 0.
std::optional<double> divided(std::optional<double> numerator, std::optional<double> denominator);

// Takes the ratio within each repeat that has it. Adds median and interval over the repeats to the
// result file's "summary", or nothing if no repeat has it.
void add_ratio(nlohmann::json& summary,
               const std::string& name,
               const std::map<int, Repeat>& repeats,
               const std::function<std::optional<double>(const Repeat&)>& ratio,
               std::uint64_t seed);

// Adds low.exclusive_bound_per_s to the scenarios that have both high and low: what low does alone
// x (1 - the share of time that high needs). `needed_share` says it of a repeat, or nothing.
void add_bounds(nlohmann::json& scenarios,
                const std::function<std::optional<double>(const Repeat&)>& needed_share);

// low.iterations_per_s of "headway" over that bound.
std::optional<double> low_of_bound(const Repeat& repeat);

}  // namespace headway::bench
