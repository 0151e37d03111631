// Two loads on one OpenCL device: the measurement itself.
#pragma once

#include "bench/process/progress.h"
#include "bench/two_queues/options.h"
#include "bench/two_queues/scenarios.h"

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// What the kernels are made of on this device, the same in all scenarios.
struct QueuesCalibration {
    double steps_per_ms = 0;
    std::string device;
    std::string platform;
    unsigned units = 0;
};

// Measures how fast the device is when nobody competes; nothing after Ctrl-C. Throws Failure.
std::optional<QueuesCalibration> calibrate_queues(const QueuesOptions& options, Progress& progress);

// Runs one scenario and returns its entry of the result file without its repeat, or nothing after
// Ctrl-C (if the caller catches it). The processes are fresh ones of the calling program, which
// must offer kChildCommand with the tasks of child_tasks.h. Throws Failure. Takes the scenario's
// whole time.
std::optional<nlohmann::json> measure_queues(const QueuesOptions& options,
                                             const QueuesCalibration& calibration,
                                             const QueuesScenario& scenario,
                                             int repeat,
                                             Progress& progress);

}  // namespace headway::bench
