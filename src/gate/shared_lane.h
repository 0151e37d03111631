// A lane with a count of its users, known to the fork and exit handlers of the process.
#pragma once

#include "gate/lane.h"

#include <atomic>
#include <cstdint>

namespace headway::gate {

// Starts with one user, who opened it. Thread-safe. Never copied or moved.
class SharedLane {
 public:
    // A new lane with one user, or null without memory. From then on fork() gives a child's lane a
    // slot of its own, and exit() takes the lane off the board.
    static SharedLane* create(device::Device& device, Platform& platform) noexcept;

    SharedLane(const SharedLane&) = delete;
    SharedLane& operator=(const SharedLane&) = delete;
    SharedLane(SharedLane&&) = delete;
    SharedLane& operator=(SharedLane&&) = delete;

    Lane& lane() noexcept { return lane_; }

    const Lane& lane() const noexcept { return lane_; }

    // Calls `visit` with every lane of the process. `visit` opens and closes none.
    static void visit_all(void (*visit)(SharedLane& lane)) noexcept;

    // Whether there is a lane at that address, made by this library. Reads nothing of it.
    static bool exists(const SharedLane* lane) noexcept;

    // Tells every lane of the process that a stream is about to be destroyed.
    static void leave_stream(device::StreamHandle stream) noexcept;

    // A block of memory that belongs to the lane, for whoever made it; std::free()d with the lane.
    // set_companion() takes it over, unless there is one already: then it returns false.
    void* companion() const noexcept { return companion_.load(std::memory_order_acquire); }

    bool set_companion(void* block) noexcept {
        void* none = nullptr;
        return companion_.compare_exchange_strong(none, block, std::memory_order_acq_rel);
    }

    void add_user() noexcept { user_count_.fetch_add(1, std::memory_order_relaxed); }

    // The last user to go deletes the object.
    void remove_user() noexcept;

 private:
    friend class LaneRegistry;

    SharedLane(device::Device& device, Platform& platform) noexcept : lane_(device, platform) {}

    ~SharedLane() = default;

    Lane lane_;
    std::atomic<std::uint32_t> user_count_{1};
    std::atomic<void*> companion_{nullptr};
    SharedLane* previous_ = nullptr;  // the registry's list; guarded by its lock
    SharedLane* next_ = nullptr;
};

}  // namespace headway::gate
