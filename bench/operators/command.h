// The command `headway-bench operators`.
#pragma once

#include <CLI/CLI.hpp>

namespace headway::bench {

// Adds the subcommand, which sets `exit_code`. Both must outlive the parse. Running it may throw
// Failure.
void add_operators(CLI::App& app, int& exit_code);

}  // namespace headway::bench
