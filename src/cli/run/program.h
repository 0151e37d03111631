// A program that `headway run` starts.
#pragma once

#include "cli/run/options.h"

#include <string>
#include <vector>

namespace headway::cli {

// The statuses of a shell for a program that is not there, and for one that can't be started.
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitNotRunnable = 126;

struct Program {
    std::string name;                // in headway.toml; "": given on the command line
    std::vector<std::string> words;  // the program and its arguments; not empty
    Variables options;               // HEADWAY_*; what is not here is inherited
    Variables environment;           // other variables that it gets
    std::string folder;              // where it starts; "": here
};

// Finds the libraries that are loaded into programs. Once, before the first become(). Errors:
// kNotFound.
Status find_libraries(std::string* out_cuda_shim);

// Replaces this process by the program, with `cuda_shim` preloaded, and the OpenCL layer in
// OPENCL_LAYERS where it was built. Returns only if that fails:
// says why in one line and returns the exit status (127 no such program, 126 can't be started).
int become(const Program& program, const std::string& cuda_shim);

}  // namespace headway::cli
