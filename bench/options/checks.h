// Command-line options that say in one line what is wrong with a value, for CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headway::bench {

// A finite number above 0 and at most `max`.
CLI::Validator positive(double max);

// A whole number in min..max.
CLI::Validator whole(long long min, long long max);

// "cpu" or "cuda:N".
CLI::Validator device_name();

// "auto" or microseconds in 0..1000000.
CLI::Validator linger_text();

// "auto", "off" or microseconds in 1..1000000.
CLI::Validator timeslice_text();

// One of `words`.
CLI::Validator word_of(std::vector<std::string> words);

// The words of an option that takes one of a few.
template <typename Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

// Adds an option that takes one of the words of `choices`. `target` must outlive the parse.
template <typename Enum>
CLI::Option* add_choice(CLI::App& app,
                        const std::string& name,
                        Enum& target,
                        const Choices<Enum>& choices,
                        const std::string& help) {
    std::vector<std::string> words;
    std::string shown;
    for (const auto& choice : choices) {
        words.push_back(choice.first);
        shown += (shown.empty() ? "" : "|") + choice.first;
    }
    const auto set = [&target, choices](const std::string& word) {
        for (const auto& choice : choices) {
            if (choice.first == word) target = choice.second;
        }
    };
    return app.add_option_function<std::string>(name, set, help)
        ->check(word_of(std::move(words)))
        ->type_name(shown);
}

// The one line for a command line that CLI11 refused, ending in where to look.
std::string describe(const CLI::ParseError& error, const CLI::App& app);

}  // namespace headway::bench
