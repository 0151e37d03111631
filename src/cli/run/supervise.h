// `headway run --all`: several programs at once, as children.
#pragma once

#include "cli/run/program.h"

#include <string>
#include <vector>

namespace headway::cli {

// Starts all programs, each in a process group of its own, prints their lines with their names in
// front, hands SIGINT, SIGTERM and SIGHUP on to them (a second one kills them), and waits for all.
// Returns the exit status of the first that failed (128 + the signal for one that was killed), or
// 0. Blocks SIGCHLD and those signals in this process.
int supervise(const std::vector<Program>& programs, const Shims& shims);

}  // namespace headway::cli
