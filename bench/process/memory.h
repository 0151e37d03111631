// Memory of this process and of the machine or GPU.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace headway::bench {

struct MemoryMib {
    double used = 0;
    double free = 0;
};

// On "cpu": the resident memory of this process, and what the machine has available. On "cuda:N",
// in a process that uses that GPU: what is in use on the whole GPU, and free. Nothing if unknown.
std::optional<MemoryMib> read_memory(const std::string& device);

// How many processes the kernel has killed since it started because memory ran out, or nothing if
// it doesn't say.
std::optional<std::uint64_t> kernel_oom_kills();

// From now on this process gets at most `mib` MiB of additional address space, so that running out
// of memory can be tried without filling the machine. Throws Failure.
void limit_memory(std::int64_t mib);

}  // namespace headway::bench
