#include "bench/process/memory.h"

#include "bench/failure.h"
#include "bench/process/cuda_driver.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace headway::bench {
namespace {

constexpr double kMib = 1024.0 * 1024.0;

// A value in kB from a file of "Name:  value kB" lines, or nothing.
std::optional<double> read_kb(const char* path, const std::string& name) {
    std::ifstream file(path);
    std::string word;
    while (file >> word) {
        double value = 0;
        if (word == name + ":" && file >> value) return value;
        std::string rest;
        std::getline(file, rest);
    }
    return std::nullopt;
}

}  // namespace

std::optional<MemoryMib> read_memory(const std::string& device) {
    if (device != "cpu") {
        const auto bytes = cuda_memory_bytes();
        if (!bytes) return std::nullopt;
        const auto free = static_cast<double>(bytes->first);
        const auto total = static_cast<double>(bytes->second);
        return MemoryMib{(total - free) / kMib, free / kMib};
    }
    const auto used_kb = read_kb("/proc/self/status", "VmRSS");
    const auto free_kb = read_kb("/proc/meminfo", "MemAvailable");
    if (!used_kb || !free_kb) return std::nullopt;
    return MemoryMib{*used_kb / 1024, *free_kb / 1024};
}

std::optional<std::uint64_t> kernel_oom_kills() {
    std::ifstream file("/proc/vmstat");
    std::string name;
    std::uint64_t value = 0;
    while (file >> name >> value) {
        if (name == "oom_kill") return value;
    }
    return std::nullopt;
}

void limit_memory(std::int64_t mib) {
    const auto in_use_kb = read_kb("/proc/self/status", "VmSize");
    if (!in_use_kb) throw Failure("--memory-cap-mib: /proc/self/status can't be read");
    rlimit limit{};
    limit.rlim_cur =
        static_cast<rlim_t>(*in_use_kb) * 1024 + static_cast<rlim_t>(mib) * 1024 * 1024;
    limit.rlim_max = limit.rlim_cur;
    if (setrlimit(RLIMIT_AS, &limit) == 0) return;
    throw Failure(fmt::format("--memory-cap-mib: setrlimit: {}", std::strerror(errno)));
}

}  // namespace headway::bench
