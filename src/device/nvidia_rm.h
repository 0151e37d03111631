// What is known of the resource manager (RM) of NVIDIA's kernel driver: the calls by which the user
// library makes and frees channel groups, and the one that sets a group's timeslice. The layouts
// are those of NVIDIA's open-gpu-kernel-modules (nvos.h, ctrla06cgpu.h, ctrl2080gpu.h), the same
// from 525 to 595; nothing here needs privileges.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headway::device::rm {

// Object classes.
inline constexpr std::uint32_t kClassRoot = 0x41;
inline constexpr std::uint32_t kClassDevice = 0x0080;
inline constexpr std::uint32_t kClassSubdevice = 0x2080;
inline constexpr std::uint32_t kClassChannelGroup = 0xA06C;

// The engine of a channel group that runs kernels (NV2080_ENGINE_TYPE_GRAPHICS).
inline constexpr std::uint32_t kEngineGraphics = 1;

// What an ioctl that succeeded has done.
struct Event {
    enum class Kind : std::uint8_t { kOther, kAllocated, kFreed };
    Kind kind = Kind::kOther;
    std::uint32_t client = 0;
    std::uint32_t parent = 0;
    std::uint32_t object = 0;
    std::uint32_t object_class = 0;  // kAllocated
    std::uint32_t engine = 0;        // kAllocated, of a channel group
};

// Reads an ioctl that returned 0. `argument` is what the caller gave it, and is only read where
// `request` is one of RM's. Unknown requests and refused allocations are kOther.
Event read_event(unsigned long request, const void* argument) noexcept;

// The C library's ioctl, or what a test puts in its place.
using Ioctl = int (*)(int fd, unsigned long request, ...);

// Calls of RM, on the file through which `client` was made. False: refused, by the system or by RM.
bool get_timeslice(
    Ioctl ioctl, int fd, std::uint32_t client, std::uint32_t group, std::uint64_t* out_us) noexcept;
bool set_timeslice(
    Ioctl ioctl, int fd, std::uint32_t client, std::uint32_t group, std::uint64_t us) noexcept;

// The GPU of a subdevice object as text, "GPU-" and the UUID. `out` has kGpuNameBytes.
inline constexpr std::size_t kGpuNameBytes = 48;
bool get_gpu_name(
    Ioctl ioctl, int fd, std::uint32_t client, std::uint32_t subdevice, char* out) noexcept;

}  // namespace headway::device::rm
