// How long a program waits for the GPU while another one keeps it busy: the measurement itself.
#pragma once

#include "bench/preempt/scenarios.h"
#include "bench/process/progress.h"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

struct PreemptSetup {
    int gpu = 0;
    double warm_up_s = 1;
    double duration_s = 10;
    double kernel_ms = 10;   // how long a spinning kernel takes
    double interval_ms = 7;  // from one empty kernel to the next
    // 132 multiprocessors x 2048 threads, which is an H200 filled to the last thread.
    unsigned blocks = 1056;
    unsigned threads = 256;
    int high_priority = 10;
    int low_priority = 1;
    std::string timeslice_us = "auto";  // of the low process under Headway: "auto", "off", a number
};

// Runs one scenario and returns its entry of the result file, or nothing after Ctrl-C (if the
// caller catches it). The two processes are fresh ones of the calling program, which must offer
// kChildCommand with the tasks of child_tasks.h. Throws Failure. Takes the scenario's whole time.
std::optional<nlohmann::json> measure_preemption(const PreemptSetup& setup,
                                                 const PreemptScenario& scenario,
                                                 Progress& progress);

}  // namespace headway::bench
