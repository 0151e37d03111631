// What the CUDA driver says when it is reached through Headway's library. Internal to the doctor.
#pragma once

#include <string>
#include <vector>

namespace headway::doctor {

struct GpuFacts {
    std::string name;
    std::string uuid;       // of the GPU or the MIG instance; as in a board's name, without "GPU-"
    int compute_mode = -1;  // CUcomputemode; -1: not told
    std::string mig;        // a phrase; "": not told
};

struct DriverFacts {
    std::string shim;        // the path of Headway's library; "": it is not there
    std::string shim_error;  // why it does not load; "": it does
    std::string driver;      // the path of the driver's file; "": none found
    std::string error;       // why CUDA does not start; "": it does
    int cuda_version = 0;    // as 1000 * major + 10 * minor
    std::string nvidia;      // version of the driver package, from NVML; "": not told
    std::vector<GpuFacts> gpus;
};

// Loads the library and, through it, the driver, in a child process. Blocks for as long as that
// takes, at most 20 seconds.
DriverFacts probe_driver();

}  // namespace headway::doctor
