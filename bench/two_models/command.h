// The commands `headway-bench two-models` and `two-matmul`, which is the same with matrix products
// in place of the networks.
#pragma once

#include <CLI/CLI.hpp>

namespace headway::bench {

// Each adds its subcommand, which sets `exit_code`. Both must outlive the parse. Running it may
// throw Failure.
void add_two_models(CLI::App& app, int& exit_code);
void add_two_matmul(CLI::App& app, int& exit_code);

}  // namespace headway::bench
