// The command `headway-bench opencl-latency`.
#pragma once

#include <CLI/CLI.hpp>

namespace headway::bench {

// Adds the subcommand, which sets `exit_code`. Both must outlive the parse. Running it may throw
// Failure.
void add_opencl_latency(CLI::App& app, int& exit_code);

}  // namespace headway::bench
