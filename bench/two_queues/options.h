// Everything that a run of two-queues can be asked for.
#pragma once

#include "bench/load/arrivals.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Whether high and low are two processes with a queue each, or two threads with one queue.
enum class QueuePlacement { kProcesses, kSharedQueue };

struct QueuesOptions {
    std::string device = "opencl:0";
    int index = 0;  // of the device
    QueuePlacement placement = QueuePlacement::kProcesses;
    std::vector<std::string> scenarios;  // empty: all
    int repeats = 5;
    double duration_s = 15;
    double warm_up_s = 3;
    double rate = 20;
    Arrivals arrivals = Arrivals::kUniform;
    double high_ms = 5;
    double low_ms = 20;
    int low_depth = 2;
    int device_cpus = 1;
    int high_priority = 10;
    int low_priority = 1;
    std::uint64_t seed = 1;
};

// Adds the options to a command line. `options` must outlive the parse.
void add_queues_options(CLI::App& app, QueuesOptions& options);

// After the parse: fills in what was not given and checks what one option alone can't show, the
// device included. Throws Failure(kExitBadArguments).
void resolve(QueuesOptions& options);

// The result file's "config".
nlohmann::json to_json(const QueuesOptions& options);

}  // namespace headway::bench
