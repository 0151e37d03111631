// The channel groups of this process, learned from the driver library's own ioctls, and their
// timeslices: how long the GPU runs this process's kernels before it looks at those of others.
#pragma once

#include "base/bounded_lock.h"
#include "device/nvidia_rm.h"

#include <array>
#include <cstdint>

namespace headway::device {

// Thread-safe; never waits but for its own lock, boundedly. Allocates nothing.
class ChannelGroups {
 public:
    // The driver library's ioctl `request` on `fd` returned 0. `argument` is what it was given.
    void observe(int fd, unsigned long request, const void* argument) noexcept;

    // Gives the compute groups of a GPU (named "GPU-<uuid>") a timeslice of `us` microseconds, and
    // those that come later, too; 0 gives each its own default back. Returns the timeslice that is
    // in force as read back from the driver, 0 for the default: also if there is no group (under
    // MPS they belong to the server), or the driver refuses or ignores the call. A few system calls
    // per group.
    std::uint32_t set_timeslice(const char* gpu, std::uint32_t us) noexcept;

    // What RM is called through: the ioctl() that the driver library is bound to. Before the first
    // group.
    void set_ioctl(rm::Ioctl ioctl) noexcept { ioctl_ = ioctl; }

    // Compute groups known now.
    std::uint32_t group_count() const noexcept { return group_count_; }

    // In a forked child: the groups are the parent's.
    void forget() noexcept;

 private:
    static constexpr std::uint32_t kGroupCountMax = 64;   // further ones keep their timeslice
    static constexpr std::uint32_t kDeviceCountMax = 64;  // subdevices of all clients

    struct Group {
        int fd = -1;
        std::uint32_t client = 0;
        std::uint32_t device = 0;
        std::uint32_t handle = 0;  // 0: free place
        std::uint64_t default_us = 0;
    };

    struct Subdevice {
        int fd = -1;
        std::uint32_t client = 0;
        std::uint32_t device = 0;
        std::uint32_t handle = 0;  // 0: free place
        std::uint32_t wish_us = 0;
        char gpu[rm::kGpuNameBytes] = {};  // empty: not asked yet
    };

    void add(int fd, const rm::Event& event) noexcept;
    void remove(const rm::Event& event) noexcept;
    Subdevice* subdevice_of(const Group& group) noexcept;
    std::uint32_t apply(Group& group, std::uint32_t us) noexcept;

    rm::Ioctl ioctl_ = nullptr;  // null: the C library's
    BoundedLock lock_;
    std::array<Group, kGroupCountMax> groups_{};
    std::array<Subdevice, kDeviceCountMax> subdevices_{};
    std::uint32_t group_count_ = 0;
};

}  // namespace headway::device
