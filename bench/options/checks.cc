#include "bench/options/checks.h"

#include "bench/process/device_name.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace headway::bench {

CLI::Validator positive(double max) {
    const auto check = [max](std::string& text) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        const bool is_number = end != text.c_str() && *end == '\0';
        if (is_number && std::isfinite(value) && value > 0 && value <= max) return {};
        return fmt::format("must be a number above 0 and at most {}, not {}", max, text);
    };
    return CLI::Validator(check, "", "positive");
}

CLI::Validator whole(long long min, long long max) {
    const auto check = [min, max](std::string& text) -> std::string {
        long long value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && stop == end && value >= min && value <= max) return {};
        return fmt::format("must be a whole number from {} to {}, not {}", min, max, text);
    };
    return CLI::Validator(check, "", "whole");
}

CLI::Validator device_name() {
    const auto check = [](std::string& text) -> std::string {
        if (gpu_index(text) != kNotADevice) return {};
        return fmt::format("must be cpu or cuda:0, cuda:1, ..., not {}", text);
    };
    return CLI::Validator(check, "", "device");
}

CLI::Validator linger_text() {
    const auto check = [](std::string& text) -> std::string {
        if (text == "auto" || whole(0, 1'000'000)(text).empty()) return {};
        return fmt::format("must be auto or microseconds from 0 to 1000000, not {}", text);
    };
    return CLI::Validator(check, "", "linger");
}

CLI::Validator timeslice_text() {
    const auto check = [](std::string& text) -> std::string {
        if (text == "auto" || text == "off" || whole(1, 1'000'000)(text).empty()) return {};
        return fmt::format("must be auto, off or microseconds from 1 to 1000000, not {}", text);
    };
    return CLI::Validator(check, "", "timeslice");
}

CLI::Validator word_of(std::vector<std::string> words) {
    const auto check = [words = std::move(words)](std::string& text) -> std::string {
        if (std::find(words.begin(), words.end(), text) != words.end()) return {};
        return fmt::format("must be one of {}, not {}", fmt::join(words, ", "), text);
    };
    return CLI::Validator(check, "", "word");
}

std::string describe(const CLI::ParseError& error, const CLI::App& app) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    while (!line.empty() && (line.back() == ' ' || line.back() == '.'))
        line.pop_back();
    std::string program = app.get_name();
    for (const CLI::App* subcommand : app.get_subcommands())
        program += ' ' + subcommand->get_name();
    return fmt::format("{}; see {} --help", line, program);
}

}  // namespace headway::bench
