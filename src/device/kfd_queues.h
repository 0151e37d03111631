// The compute queues of this process on AMD GPUs, learned from the run-time library's own ioctls,
// and what they give up while other processes outrank this one. Never run on hardware so far:
// docs/amd-preemption.md says what is known, and what would have to be measured.
#pragma once

#include "base/bounded_lock.h"
#include "device/amd_kfd.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace headway::device {

// Thread-safe. Waits for its own lock, at most kPatienceNs. Allocates nothing.
//
// Each change of a queue makes the kernel take *all* compute queues off the GPU, those of other
// processes too, and put them back. So a queue is changed when the lanes on a GPU change, and not
// with every request.
class KfdQueues {
 public:
    enum class Mode : std::uint8_t {
        kOff,       // learns nothing, changes nothing
        kPriority,  // while outranked, queues have the driver's lowest level of priority
        // When it becomes outranked, queues are taken off the GPU, running kernels included, and
        // put back at the latest kPulseNs later by the thread that took them off.
        kPercentage,
    };

    // As long as one request of a small model: chosen, not measured.
    static constexpr std::uint64_t kPulseNs = 2'000'000;
    // The driver itself gives up on a queue after 9 seconds (queue_preemption_timeout_ms), and
    // makes every other call of the process wait as long.
    static constexpr std::uint64_t kPatienceNs = 20'000'000'000;

    struct Counts {
        std::uint32_t queues;      // compute queues known now
        std::uint32_t unseen;      // that there was no place for; they stay as they are
        std::uint32_t changed;     // calls that made a queue give way
        std::uint32_t restored;    // calls that gave back what it had
        std::uint32_t failed;      // calls that the kernel refused; after the first, mode is kOff
        std::uint32_t stranded;    // queues that could not be given back what they had
        std::uint32_t lost;        // calls of the library that could not be followed: mode is kOff
        std::uint32_t longest_us;  // the longest of our calls
    };

    void set_mode(Mode mode) noexcept { mode_.store(mode, std::memory_order_relaxed); }

    Mode mode() const noexcept { return mode_.load(std::memory_order_relaxed); }

    // What the kernel is called through: the ioctl() that the library was bound to. Before the
    // first call of pass().
    void set_ioctl(kfd::Ioctl ioctl) noexcept { ioctl_.store(ioctl, std::memory_order_release); }

    // An ioctl of the library's: goes on to the kernel unchanged, and what came of it is learned.
    // Returns what the kernel returned, with its errno. A call about a queue and one of ours do not
    // overlap.
    int pass(int fd, unsigned long request, void* argument) noexcept;

    // `outranked`: lanes of other processes outrank all of this one's on the GPU of that id. The
    // process's compute queues there give way, or get back what the library last gave them. Acts
    // when that changes; a few system calls a queue, and in kPercentage up to kPulseNs of waiting.
    // Returns whether a queue gives way when it returns. Leaves errno alone.
    bool give_way(std::uint32_t gpu_id, bool outranked) noexcept;

    // At exit: all get back what they had, and from now on nothing is changed.
    void restore() noexcept;

    // In a forked child: the queues are the parent's. What the child makes is followed anew.
    void forget() noexcept;

    Counts counts() const noexcept;

 private:
    static constexpr std::uint32_t kQueueCountMax = 128;  // further ones stay as they are
    static constexpr std::uint32_t kGpuCountMax = 64;     // with further ones nothing is done
    static constexpr int kRestoreAttempts = 3;

    struct Queue {
        int fd = -1;  // -1: free place
        std::uint32_t gpu_id = 0;
        kfd::UpdateQueue own{};  // what the library last gave it
        bool gives_way = false;
    };

    struct Gpu {
        std::uint32_t id = 0;  // 0: free place
        bool outranked = false;
    };

    bool lock() noexcept;
    void learn(kfd::Call call, int fd, const void* argument) noexcept;
    void add(int fd, const kfd::CreateQueue& made) noexcept;
    Queue* find(std::uint32_t queue_id) noexcept;
    Gpu* gpu(std::uint32_t id) noexcept;
    bool update(Queue& queue, const kfd::UpdateQueue& wish) noexcept;
    void make_way(Queue& queue) noexcept;
    bool give_back(Queue& queue) noexcept;
    void switch_off() noexcept;
    void set_outranked(Gpu& place, bool outranked) noexcept;
    bool any_gives_way(std::uint32_t gpu_id) const noexcept;
    void end_pulse(std::uint32_t gpu_id) noexcept;
    void remove(Queue& queue) noexcept;

    std::atomic<Mode> mode_{Mode::kOff};
    std::atomic<kfd::Ioctl> ioctl_{nullptr};  // null: the C library's
    BoundedLock lock_;
    std::array<Queue, kQueueCountMax> queues_{};
    std::array<Gpu, kGpuCountMax> gpus_{};
    // Queues that give way now, for a thread that waits without the lock.
    std::atomic<std::uint32_t> giving_way_{0};
    // Written with the lock; read without, one by one.
    std::atomic<std::uint32_t> queue_count_{0};
    std::atomic<std::uint32_t> unseen_{0};
    std::atomic<std::uint32_t> changed_{0};
    std::atomic<std::uint32_t> restored_{0};
    std::atomic<std::uint32_t> failed_{0};
    std::atomic<std::uint32_t> stranded_{0};
    std::atomic<std::uint32_t> lost_{0};
    std::atomic<std::uint32_t> longest_us_{0};
};

}  // namespace headway::device
