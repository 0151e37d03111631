// Everything that a run of mix can be asked for.
#pragma once

#include "bench/mix/python.h"
#include "bench/mix/workload.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

struct MixOptions {
    std::string name;  // of the workload, or its file
    std::string device = "cpu";
    std::vector<std::string> scenarios;
    int repeats = 3;
    double duration_s = 0;  // 0: by device
    double warm_up_s = 0;   // 0: by device
    std::uint64_t seed = 1;
    int cpus = -1;       // that all members share; 0: all; -1: by device
    std::string python;  // "": the first that has PyTorch

    // What resolve() finds out.
    Workload workload;
    PythonFacts facts;
};

// Adds the options to a command line. `options` must outlive the parse.
void add_mix_options(CLI::App& app, MixOptions& options);

// Reads the workload, sets the device's defaults and checks everything, Python included, which
// takes seconds. Throws Failure(kExitBadArguments).
void resolve(MixOptions& options);

// The result file's "config": the options, and under MEMBER.KEY what the workload has for this
// device.
nlohmann::json to_json(const MixOptions& options);

}  // namespace headway::bench
