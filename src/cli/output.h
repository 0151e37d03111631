// Where the commands print.
#pragma once

#include <string>
#include <string_view>

namespace headway::cli {

// Writes to standard output. Returns an exit status: 1, with a line on standard error, if it could
// not all be written (a full disk; a reader that went away is silent).
int print(std::string_view text);

// One line on standard error: "headway COMMAND: text".
void complain(std::string_view command, std::string_view text);

}  // namespace headway::cli
