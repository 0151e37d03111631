#include "gate/shared_lane.h"

#include <pthread.h>

#include <cstdlib>
#include <new>

namespace headway::gate {

// All lanes of this process. A plain static object without a destructor: threads may launch until
// the very end of the process.
class LaneRegistry {
 public:
    static void add(SharedLane* lane) noexcept {
        pthread_once(&handlers_once_, install_handlers);
        pthread_mutex_lock(&mutex_);
        lane->next_ = first_;
        if (first_ != nullptr) first_->previous_ = lane;
        first_ = lane;
        pthread_mutex_unlock(&mutex_);
    }

    static void remove(SharedLane* lane) noexcept {
        pthread_mutex_lock(&mutex_);
        if (lane->previous_ != nullptr) lane->previous_->next_ = lane->next_;
        if (lane->next_ != nullptr) lane->next_->previous_ = lane->previous_;
        if (first_ == lane) first_ = lane->next_;
        pthread_mutex_unlock(&mutex_);
    }

 private:
    static void install_handlers() noexcept {
        // If either has no memory to register, dead lanes are reaped by the others instead.
        pthread_atfork(before_fork, after_fork_parent, after_fork_child);
        [[maybe_unused]] const int refused = std::atexit(at_exit);
    }

    static void before_fork() noexcept { pthread_mutex_lock(&mutex_); }

    static void after_fork_parent() noexcept { pthread_mutex_unlock(&mutex_); }

    static void after_fork_child() noexcept {
        for (SharedLane* lane = first_; lane != nullptr; lane = lane->next_)
            lane->lane_.forked();
        pthread_mutex_unlock(&mutex_);
    }

    static void at_exit() noexcept {
        // Not worth a wait: a thread that holds the list at exit leaves its lane to be reaped.
        if (pthread_mutex_trylock(&mutex_) != 0) return;
        for (SharedLane* lane = first_; lane != nullptr; lane = lane->next_)
            lane->lane_.close();
        pthread_mutex_unlock(&mutex_);
    }

    static inline pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
    static inline pthread_once_t handlers_once_ = PTHREAD_ONCE_INIT;
    static inline SharedLane* first_ = nullptr;
};

SharedLane* SharedLane::create(device::Device& device, Platform& platform) noexcept {
    auto* lane = new (std::nothrow) SharedLane(device, platform);
    if (lane != nullptr) LaneRegistry::add(lane);
    return lane;
}

void SharedLane::remove_user() noexcept {
    // Acquire-release: the last user sees everything that the others did before it deletes.
    if (user_count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    LaneRegistry::remove(this);
    delete this;
}

}  // namespace headway::gate
