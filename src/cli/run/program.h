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

// The libraries that are preloaded into programs.
struct Shims {
    std::string cuda;
    std::string hip;     // "": nothing here for it, see find_shims()
    std::string opencl;  // "": not asked for, or not built
};

// Finds them. HIP's is for machines with an AMD GPU (/dev/kfd), and for programs that are given a
// runtime by HEADWAY_HIP_RUNTIME: others are spared a library that could do nothing. OpenCL's, for
// loaders that know no layers, is asked for by HEADWAY_OPENCL_PRELOAD. Errors: kNotFound: there is
// no CUDA shim, or a path that LD_PRELOAD cannot take.
Status find_shims(Shims* out_shims);

// Replaces this process by the program, with the shims preloaded, and the OpenCL layer in
// OPENCL_LAYERS where it was built. Returns only if that fails: says why in one line and returns
// the exit status (127 no such program, 126 can't be started).
int become(const Program& program, const Shims& shims);

}  // namespace headway::cli
