// A HIP program's ioctls on /dev/kfd, with the arguments as they stand when the kernel has
// answered: what libhsakmt (ROCm 6) sends on a little-endian machine for two AQL queues of a gfx942
// and one SDMA queue. Put together from its source, not recorded on hardware. Hexadecimal, a group
// for each field.
#pragma once

#include <cstdint>

namespace headway::test::kfd {

struct Ioctl {
    unsigned long request;
    const char* argument;
};

inline constexpr std::uint32_t kGpuId = 0x8D4B;

inline constexpr unsigned long kCreate = 0xC0604B02;  // with sdma_engine_id: 96 bytes
inline constexpr unsigned long kDestroy = 0xC0084B03;
inline constexpr unsigned long kUpdate = 0x40184B07;

// Queue 0, compute, normal priority.
inline constexpr Ioctl kCreateFirst{
    kCreate,
    "000000403e7f0000 3800f05f3e7f0000 8000f05f3e7f0000 00104b8d522300c0"
    "00001000 4b8d0000 02000000 64000000 07000000 00000000"
    "0000000000000000 0000000000000000 000000003c7f0000 0000ae02 00800000 00000000 00000000"};
// Queue 1, copies.
inline constexpr Ioctl kCreateSdma{
    kCreate,
    "000000413e7f0000 0020f05f3e7f0000 0820f05f3e7f0000 00124b8d522300c0"
    "00001000 4b8d0000 01000000 64000000 0f000000 01000000"
    "0000000000000000 0000000000000000 0000000000000000 00000000 00000000 00000000 00000000"};
// Queue 2, compute, which a stream of high priority gets: made with normal priority, then changed.
inline constexpr Ioctl kCreateSecond{
    kCreate,
    "000000423e7f0000 3810f05f3e7f0000 8010f05f3e7f0000 08104b8d522300c0"
    "00001000 4b8d0000 02000000 64000000 07000000 02000000"
    "0000000000000000 0000000000000000 000000083c7f0000 0000ae02 00800000 00000000 00000000"};
inline constexpr Ioctl kUpdateSecond{kUpdate,
                                     "000000423e7f0000 02000000 00001000 64000000 0b000000"};
inline constexpr Ioctl kDestroyFirst{kDestroy, "00000000 00000000"};

// What Headway is to send: address, queue, size, percentage, priority.
inline constexpr const char* kFirstLow = "000000403e7f0000 00000000 00001000 64000000 02000000";
inline constexpr const char* kFirstOff = "000000403e7f0000 00000000 00001000 00000000 07000000";
inline constexpr const char* kFirstBack = "000000403e7f0000 00000000 00001000 64000000 07000000";
inline constexpr const char* kSecondNewLow = "000000423e7f0000 02000000 00001000 64000000 02000000";
inline constexpr const char* kSecondLow = "000000423e7f0000 02000000 00001000 64000000 04000000";
inline constexpr const char* kSecondOff = "000000423e7f0000 02000000 00001000 00000000 0b000000";
inline constexpr const char* kSecondBack = "000000423e7f0000 02000000 00001000 64000000 0b000000";

}  // namespace headway::test::kfd
