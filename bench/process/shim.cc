#include "bench/process/shim.h"

#include "base/library_path.h"
#include "bench/failure.h"

#include <limits.h>

namespace headway::bench {

std::string find_cuda_shim() {
    char path[PATH_MAX];
    if (find_own_library("libheadway_cuda.so", path, sizeof(path))) return path;
    throw Failure("libheadway_cuda.so is not beside headway-bench; build or install them together");
}

}  // namespace headway::bench
