// Where the libraries are that a scenario preloads.
#pragma once

#include <string>

namespace headway::bench {

// The path of libheadway_cuda.so, beside this executable as built or as installed. Throws Failure
// if it is not there.
std::string find_cuda_shim();

// The same of libheadway_opencl.so. Throws Failure if it is not there.
std::string find_opencl_layer();

// The `headway` command of the same build or installation, else its name, to be found in PATH.
std::string find_headway();

// In a child: makes sure that the shim is loaded, or that it is not. Throws Failure if it is the
// other way round: the two sides of a comparison would be the same.
void check_shim(bool loaded);

}  // namespace headway::bench
