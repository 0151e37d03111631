// The processes of `headway-bench two-queues`, each a child of its own.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kQueuesTask = "two-queues";
inline constexpr const char* kQueuesCalibrationTask = "two-queues-calibration";

// Runs one side, or two threads with a side each that share one queue.
// The job: {"device": index, "device_name", "headway": whether the layer must be loaded,
// "warm_up_s", "duration_s", "sides": [{"high": which, "steps": of a kernel, "priority", and of
// high "rate", "poisson", "seed", of low "depth"}]}. With two sides under Headway each thread opens
// a lane of its own; one side has the lane that the layer opens for the process. The result:
// "sides", one per side of the job, {"numbers", "output_sha256", "counters" under Headway}.
// Throws Failure.
void run_queues(const nlohmann::json& job);

// The job: {"device": index}. The result: {"steps_per_ms", "name", "platform", "units"}.
// Throws Failure.
void run_queues_calibration(const nlohmann::json& job);

}  // namespace headway::bench
