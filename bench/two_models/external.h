// --external NAME=COMMAND: a scenario whose processes are started under a command that this program
// knows nothing of, such as another scheduler.
#pragma once

#include "bench/two_models/placement.h"

#include <string>
#include <vector>

namespace headway::bench {

// What the command finds in its environment.
inline constexpr const char* kRoleVariable = "HEADWAY_BENCH_ROLE";          // high or low
inline constexpr const char* kPriorityVariable = "HEADWAY_BENCH_PRIORITY";  // a number, higher wins
inline constexpr const char* kDeviceVariable = "HEADWAY_BENCH_DEVICE";      // cpu or cuda:N

struct External {
    std::string name;     // of the scenario
    std::string command;  // as it was given
};

// Splits "NAME=COMMAND". Throws Failure(kExitBadArguments) if it is something else, or the name is
// not one of lower-case letters, digits and dashes.
External parse_external(const std::string& text);

// The reverse.
std::string external_text(const External& external);

// The one of that name, or null.
const External* find_external(const std::vector<External>& externals, const std::string& name);

// The command's words, quoted and expanded as a shell does it (wordexp(3), but no command
// substitution), the first one as the path of a program. Throws Failure(kExitBadArguments) if they
// are no words, or the program doesn't exist.
std::vector<std::string> external_words(const External& external);

// All of it for one run: the names are neither in `taken` nor there twice, the programs exist, and
// the models have processes of their own. Throws Failure(kExitBadArguments).
void check_externals(const std::vector<External>& externals,
                     const std::vector<std::string>& taken,
                     Placement placement);

}  // namespace headway::bench
