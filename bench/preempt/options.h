// Everything that a run of preempt can be asked for.
#pragma once

#include "bench/preempt/measure.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace headway::bench {

struct PreemptOptions {
    std::string device = "cuda:0";
    std::vector<std::string> scenarios;  // empty: all
    int repeats = 5;
    std::uint64_t seed = 1;
    PreemptSetup setup;
};

// Adds the options to a command line. `options` must outlive the parse.
void add_preempt_options(CLI::App& app, PreemptOptions& options);

// After the parse: fills in what was not given and checks what one option alone can't show, the GPU
// included. Throws Failure(kExitBadArguments).
void resolve(PreemptOptions& options);

// The result file's "config".
nlohmann::json to_json(const PreemptOptions& options);

}  // namespace headway::bench
