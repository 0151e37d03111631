// cuGetProcAddress: how the CUDA runtime and all math libraries get their driver functions.
#pragma once

#include "driver_abi.h"

#include <cstdint>

namespace headway::gpu {

// Asks the driver for a function by (name, version, flags); null if it has none.
using AskDriver = void* (*)(const char* name, int version, std::uint64_t flags);

// What the program gets instead of `found`, the driver's answer to (name, version, flags): the
// forwarder of the row that this answer is, or `found` itself if it is none of ours. Thread-safe;
// calls `ask`.
void* substitute(
    const char* name, int version, std::uint64_t flags, void* found, AskDriver ask) noexcept;

// How many answers had a name that we hook but were none of the forms that we know: calls that will
// not be scheduled.
std::uint64_t unknown_look_ups() noexcept;

}  // namespace headway::gpu
