// Where a program is that a user names.
#pragma once

#include <optional>
#include <string>

namespace headway::bench {

// The path of a program that can be run: `name` itself if it has a slash, else where PATH has it.
// Nothing if there is none. Asks the file system.
std::optional<std::string> find_program(const std::string& name);

}  // namespace headway::bench
