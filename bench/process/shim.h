// Where the libraries are that a scenario preloads.
#pragma once

#include <string>

namespace headway::bench {

// The path of libheadway_cuda.so, beside this executable as built or as installed. Throws Failure
// if it is not there.
std::string find_cuda_shim();

}  // namespace headway::bench
