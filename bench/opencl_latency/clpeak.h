// clpeak, a program that measures OpenCL devices, as a user runs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace headway::bench {

struct ClpeakSetup {
    std::string program = "clpeak";  // looked for in PATH
    int platform = 0;
    int device = 0;  // of the platform
};

struct ClpeakResult {
    double latency_us =
        0;  // from a kernel's enqueueing to its start, the mean of clpeak's launches
    // Under Headway, of the program's lane: launches that were not looked at, and that were.
    std::uint64_t passed = 0;
    std::uint64_t gated = 0;
};

// Runs `clpeak --kernel-latency` once, by itself or under `headway run`, and reads what it prints;
// nothing after Ctrl-C (if the caller catches it). Takes seconds. Throws Failure if the program is
// not there, fails, or was not scheduled though it should be.
std::optional<ClpeakResult> run_clpeak(const ClpeakSetup& setup, bool headway);

}  // namespace headway::bench
