#include "cli/run/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <numeric>

namespace headway::cli {
namespace {

constexpr RunOption kOptions[] = {
    {"priority", "HEADWAY_PRIORITY", "Higher wins", OptionKind::kNumber, -256, 255, ""},
    {"threshold",
     "HEADWAY_THRESHOLD",
     "Most unfinished commands",
     OptionKind::kNumber,
     1,
     65535,
     ""},
    {"batch_size",
     "HEADWAY_BATCH_SIZE",
     "Commands between two markers, at most the threshold",
     OptionKind::kNumber,
     1,
     65535,
     ""},
    {"budget_us",
     "HEADWAY_BUDGET_US",
     "Most unfinished predicted work",
     OptionKind::kNumber,
     1,
     1'000'000,
     ""},
    {"linger_us",
     "HEADWAY_LINGER_US",
     "How long it counts as busy after its last activity; auto: learned",
     OptionKind::kNumber,
     0,
     1'000'000,
     "auto"},
    {"max_hold_ms",
     "HEADWAY_MAX_HOLD_MS",
     "Longest single hold",
     OptionKind::kNumber,
     1,
     60'000,
     ""},
    {"timeslice_us",
     "HEADWAY_TIMESLICE_US",
     "Timeslice on the GPU beside a higher program",
     OptionKind::kNumber,
     1,
     1'000'000,
     "auto|off"},
    {"name", "HEADWAY_NAME", "Shown by headway status and top", OptionKind::kText, 0, 0, ""},
    {"stats",
     "HEADWAY_STATS",
     "Say at the end what was gated and held",
     OptionKind::kSwitch,
     0,
     0,
     ""},
    {"board_dir",
     "HEADWAY_BOARD_DIR",
     "Folder of the boards; programs that share a device must agree on it",
     OptionKind::kFolder,
     0,
     0,
     ""},
};

bool is_word_of(std::string_view words, std::string_view text) {
    while (!words.empty() && !text.empty()) {
        const std::size_t end = std::min(words.find('|'), words.size());
        if (words.substr(0, end) == text) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

Result<std::string> refuse(const std::string& text) {
    return Status::error(Code::kInvalidArgument, "%s", text.c_str());
}

Result<std::string> number_value(const RunOption& option, const std::string& text) {
    if (is_word_of(option.words, text)) return text;
    char* end = nullptr;
    errno = 0;
    const long long number = std::strtoll(text.c_str(), &end, 10);
    if (errno == 0 && end != text.c_str() && *end == '\0' && number >= option.min &&
        number <= option.max) {
        return std::to_string(number);
    }
    std::string takes = fmt::format("a number from {} to {}", option.min, option.max);
    if (*option.words != '\0') takes = fmt::format("{}, or {}", takes, option.words);
    return refuse(fmt::format("\"{:.40}\" is not {}", text, takes));
}

// Levenshtein's distance; names are short.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t changed = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, changed});
        }
    }
    return row.back();
}

}  // namespace

std::span<const RunOption> run_options() {
    return kOptions;
}

const RunOption* find_run_option(std::string_view key) {
    for (const RunOption& option : kOptions) {
        if (key == option.key) return &option;
    }
    return nullptr;
}

Result<std::string> option_value(const RunOption& option, const std::string& text) {
    switch (option.kind) {
        case OptionKind::kNumber:
            return number_value(option, text);
        case OptionKind::kSwitch:
            if (text == "true" || text == "1") return std::string("1");
            if (text == "false" || text == "0") return std::string("0");
            return refuse("it is either true or false");
        case OptionKind::kFolder:
            if (text.empty()) return refuse("a folder's name is not empty");
            // The program may start in another folder, and its children in yet others.
            return std::filesystem::absolute(text).lexically_normal().string();
        case OptionKind::kText:
            break;
    }
    return text;
}

Status check_together(const Variables& variables) {
    const auto threshold = variables.find("HEADWAY_THRESHOLD");
    const auto batch_size = variables.find("HEADWAY_BATCH_SIZE");
    if (threshold == variables.end() || batch_size == variables.end()) return {};
    if (std::stoll(batch_size->second) <= std::stoll(threshold->second)) return {};
    return Status::error(Code::kInvalidArgument,
                         "a batch size of %s is more than the threshold of %s",
                         batch_size->second.c_str(),
                         threshold->second.c_str());
}

std::string most_like(std::string_view name, const std::vector<std::string>& names) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(name.size() / 3, 1) + 1;
    for (const std::string& candidate : names) {
        const std::size_t here = distance(name, candidate);
        if (here < best_distance) {
            best_distance = here;
            best = candidate;
        }
    }
    return best;
}

}  // namespace headway::cli
