#include "bench/process/shim.h"

#include "bench/failure.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace headway::bench {

std::string find_cuda_shim() {
    constexpr const char* kName = "libheadway_cuda.so";
    std::error_code error;
    const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto prefix = executable.parent_path().parent_path();
    for (const char* folder :
         {"lib", "lib/headway", "lib/x86_64-linux-gnu/headway", "lib64/headway"}) {
        const auto candidate = prefix / folder / kName;
        if (std::filesystem::exists(candidate, error)) return candidate.string();
    }
    throw Failure(fmt::format(
        "{} is not under {}; build or install it with headway-bench", kName, prefix.string()));
}

}  // namespace headway::bench
