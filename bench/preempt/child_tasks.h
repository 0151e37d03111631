// The two processes of `headway-bench preempt`, each a child of its own.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

inline constexpr const char* kPreemptHighTask = "preempt-high";
inline constexpr const char* kPreemptLowTask = "preempt-low";

// Launches an empty kernel and waits for it, over and over at a fixed interval.
// The job: {"gpu": index, "kernel_us": n, "warm_up_s": s, "duration_s": s, "interval_ms": ms,
// "headway": whether the shim must be loaded}. The result: "begin_ns" and "end_ns" of the measured
// window, and for each launch in it "arrivals_ms", "latencies_us" (from before the launch to after
// the wait) and "launches_us" (the launch call's part of that); "counters" under Headway.
// Throws Failure.
void run_preempt_high(const nlohmann::json& job);

// Keeps the GPU full of spinning kernels until every other child has its numbers.
// The job: {"gpu": index, "kernel_us": n, "blocks": n, "threads": n, "headway": ...}. The result:
// "ends_ns", when each kernel was seen to have ended; "counters" under Headway. Throws Failure.
void run_preempt_low(const nlohmann::json& job);

}  // namespace headway::bench
