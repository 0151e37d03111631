// What is known of KFD, the compute half of AMD's kernel driver (/dev/kfd): the ioctls by which the
// run-time library makes, changes and destroys hardware queues. The layouts are those of Linux's
// include/uapi/linux/kfd_ioctl.h, unchanged since 4.x but for fields added at the end of the first;
// none of the three needs privileges. docs/amd-preemption.md has the sources.
#pragma once

#include <linux/ioctl.h>

#include <cstdint>

namespace headway::device::kfd {

// What a queue is for. The two compute kinds differ in the format of their packets.
inline constexpr std::uint32_t kTypeCompute = 0;
inline constexpr std::uint32_t kTypeSdma = 1;
inline constexpr std::uint32_t kTypeComputeAql = 2;

// The part of `percentage` that is one; the byte above it names a target for packets of the other
// kind. The driver asks of it only whether it is 0: then the queue is not run.
inline constexpr std::uint32_t kPercentageMask = 0xFF;

inline constexpr std::uint32_t kPriorityMax = 15;
// The driver has three levels: 0 to 6 are its lowest, 7 to 10 its middle one.
inline constexpr std::uint32_t kPriorityLowMax = 6;

struct CreateQueue {  // kfd_ioctl_create_queue_args, as of its first version
    std::uint64_t ring_address;
    std::uint64_t write_pointer_address;
    std::uint64_t read_pointer_address;
    std::uint64_t doorbell_offset;
    std::uint32_t ring_bytes;
    std::uint32_t gpu_id;
    std::uint32_t type;
    std::uint32_t percentage;
    std::uint32_t priority;
    std::uint32_t queue_id;  // out
    std::uint64_t eop_address;
    std::uint64_t eop_bytes;
    std::uint64_t context_save_address;
    std::uint32_t context_save_bytes;
    std::uint32_t control_stack_bytes;
};

static_assert(sizeof(CreateQueue) == 88);

struct DestroyQueue {  // kfd_ioctl_destroy_queue_args
    std::uint32_t queue_id;
    std::uint32_t padding;
};

static_assert(sizeof(DestroyQueue) == 8);

struct UpdateQueue {  // kfd_ioctl_update_queue_args: all of it replaces what the queue had
    std::uint64_t ring_address;
    std::uint32_t queue_id;
    std::uint32_t ring_bytes;
    std::uint32_t percentage;
    std::uint32_t priority;
};

static_assert(sizeof(UpdateQueue) == 24);

inline constexpr unsigned kType = 'K';
inline constexpr unsigned long kCreateRequest = _IOWR(kType, 0x02, CreateQueue);
inline constexpr unsigned long kDestroyRequest = _IOWR(kType, 0x03, DestroyQueue);
inline constexpr unsigned long kUpdateRequest = _IOW(kType, 0x07, UpdateQueue);

// Which of the three an ioctl is. Other numbers, and sizes that are not known, are kOther.
enum class Call : std::uint8_t { kOther, kCreate, kDestroy, kUpdate };
Call kind_of(unsigned long request) noexcept;

// Copies of the argument, as far as it is known: it need not be aligned, and may be longer.
CreateQueue read_create(const void* argument) noexcept;
DestroyQueue read_destroy(const void* argument) noexcept;
UpdateQueue read_update(const void* argument) noexcept;

// The C library's ioctl, or what stands in its place.
using Ioctl = int (*)(int fd, unsigned long request, ...);

// Tries again where a signal came in between, a few times. False: refused; errno says why.
bool update_queue(Ioctl ioctl, int fd, const UpdateQueue& update) noexcept;

}  // namespace headway::device::kfd
