#include "gate/shared_lane.h"

#include <pthread.h>
#include <sched.h>

#include <cstdlib>
#include <new>

namespace headway::gate {

// All lanes of this process. A plain static object without a destructor: threads may launch until
// the very end of the process.
class LaneRegistry {
 public:
    static void add(SharedLane* lane) noexcept {
        if (!handlers_installed_.exchange(true, std::memory_order_relaxed)) install_handlers();
        lock();
        lane->next_ = first_;
        if (first_ != nullptr) first_->previous_ = lane;
        first_ = lane;
        lock_.unlock();
    }

    static void visit_all(void (*visit)(SharedLane& lane)) noexcept {
        lock();
        for (SharedLane* lane = first_; lane != nullptr; lane = lane->next_)
            visit(*lane);
        lock_.unlock();
    }

    static bool holds(const SharedLane* sought) noexcept {
        lock();
        const SharedLane* lane = first_;
        while (lane != nullptr && lane != sought)
            lane = lane->next_;
        lock_.unlock();
        return lane != nullptr;
    }

    static void leave_stream(device::StreamHandle stream) noexcept {
        lock();
        for (SharedLane* lane = first_; lane != nullptr; lane = lane->next_)
            lane->lane_.leave_stream(stream);
        lock_.unlock();
    }

    static void remove(SharedLane* lane) noexcept {
        lock();
        if (lane->previous_ != nullptr) lane->previous_->next_ = lane->next_;
        if (lane->next_ != nullptr) lane->next_->previous_ = lane->previous_;
        if (first_ == lane) first_ = lane->next_;
        lock_.unlock();
    }

 private:
    static void install_handlers() noexcept {
        // If either has no memory to register, dead lanes are reaped by the others instead.
        pthread_atfork(before_fork, after_fork_parent, after_fork_child);
        [[maybe_unused]] const int refused = std::atexit(at_exit);
    }

    static void before_fork() noexcept { lock(); }

    static void after_fork_parent() noexcept { lock_.unlock(); }

    static void after_fork_child() noexcept {
        for (SharedLane* lane = first_; lane != nullptr; lane = lane->next_)
            lane->lane_.forked();
        lock_.unlock();
    }

    static void at_exit() noexcept {
        // Not worth a wait: a thread that holds the list at exit leaves its lane to be reaped.
        if (!lock_.try_lock()) return;
        for (SharedLane* lane = first_; lane != nullptr; lane = lane->next_)
            lane->lane_.close();
        lock_.unlock();
    }

    // Held for a few instructions, or for the length of a fork. Not a pthread_mutex: some of its
    // functions have symbol versions that only a new glibc has.
    static void lock() noexcept {
        while (!lock_.try_lock())
            ::sched_yield();
    }

    static inline constinit BoundedLock lock_;
    static inline constinit std::atomic<bool> handlers_installed_{false};
    static inline SharedLane* first_ = nullptr;
};

SharedLane* SharedLane::create(device::Device& device, Platform& platform) noexcept {
    // Not operator new: in a guest that may be the program's own, or missing.
    static_assert(sizeof(SharedLane) % alignof(SharedLane) == 0);
    void* const memory = std::aligned_alloc(alignof(SharedLane), sizeof(SharedLane));
    if (memory == nullptr) return nullptr;
    auto* const lane = ::new (memory) SharedLane(device, platform);
    LaneRegistry::add(lane);
    return lane;
}

void SharedLane::leave_stream(device::StreamHandle stream) noexcept {
    LaneRegistry::leave_stream(stream);
}

void SharedLane::visit_all(void (*visit)(SharedLane& lane)) noexcept {
    LaneRegistry::visit_all(visit);
}

bool SharedLane::exists(const SharedLane* lane) noexcept {
    return LaneRegistry::holds(lane);
}

void SharedLane::remove_user() noexcept {
    // Acquire-release: the last user sees everything that the others did before it deletes.
    if (user_count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    LaneRegistry::remove(this);
    std::free(companion());
    this->~SharedLane();
    std::free(this);
}

}  // namespace headway::gate
