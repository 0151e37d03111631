// The options of `headway run`: each has a name on the command line (--batch-size), a key in
// headway.toml (batch_size) and an environment variable (HEADWAY_BATCH_SIZE), all of one meaning.
#pragma once

#include "base/status.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headway::cli {

enum class OptionKind : std::uint8_t { kNumber, kText, kFolder, kSwitch };

struct RunOption {
    const char* key;       // in headway.toml; with '-' for '_' on the command line
    const char* variable;  // in the environment
    const char* help;
    OptionKind kind;
    std::int64_t min;
    std::int64_t max;
    const char* words;  // besides numbers: "auto|off"; "": none
};

// All of them, in the order in which help shows them. Static.
std::span<const RunOption> run_options();

// The option with that key, or null.
const RunOption* find_run_option(std::string_view key);

// The value as its variable holds it: checked, and a folder made absolute. Errors:
// kInvalidArgument, with what the option takes.
Result<std::string> option_value(const RunOption& option, const std::string& text);

// Names of variables and their values.
using Variables = std::map<std::string, std::string>;

// Errors: kInvalidArgument if two of the values contradict each other.
Status check_together(const Variables& variables);

// The one of `names` that is most like `name`, or "" if none is near.
std::string most_like(std::string_view name, const std::vector<std::string>& names);

}  // namespace headway::cli
