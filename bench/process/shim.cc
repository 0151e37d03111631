#include "bench/process/shim.h"

#include "base/library_path.h"
#include "bench/failure.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

namespace headway::bench {

namespace {

std::string find_library(const char* name) {
    char path[PATH_MAX];
    if (find_own_library(name, path, sizeof(path))) return path;
    throw Failure(
        fmt::format("{} is not beside headway-bench; build or install them together", name));
}

}  // namespace

std::string find_cuda_shim() {
    return find_library("libheadway_cuda.so");
}

std::string find_opencl_layer() {
    return find_library("libheadway_opencl.so");
}

std::string find_headway() {
    char path[PATH_MAX];
    const ssize_t bytes = ::readlink("/proc/self/exe", path, sizeof path - 1);
    const std::string self(path, static_cast<std::size_t>(bytes > 0 ? bytes : 0));
    const std::string folder = self.substr(0, self.rfind('/'));
    for (const char* place : {"/headway", "/../../bin/headway"}) {
        std::string beside = folder + place;
        if (!folder.empty() && ::access(beside.c_str(), X_OK) == 0) return beside;
    }
    return "headway";
}

void check_shim(bool loaded) {
    const bool found = dlsym(RTLD_DEFAULT, "headway_cuda_shim") != nullptr;
    if (found == loaded) return;
    throw Failure(loaded ? "libheadway_cuda.so was not preloaded into a scenario with Headway"
                         : "a scenario without Headway runs under it; start headway-bench without "
                           "`headway run` and without LD_PRELOAD");
}

}  // namespace headway::bench
