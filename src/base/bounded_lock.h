// A lock for a guest: it may fail, it never sleeps, and it never waits for long.
#pragma once

#include "base/relax_processor.h"

#include <sched.h>

#include <atomic>
#include <cstdint>

namespace headway {

// Guards a few dozen nanoseconds of bookkeeping. If the holder is gone (stopped, or lost in a
// fork), try_lock() gives up after kAttempts, and the caller goes on without.
class BoundedLock {
 public:
    static constexpr int kAttempts = 1'000;  // some tens of microseconds

    static constexpr int kPatientAttempts = 1'000;

    bool try_lock() noexcept {
        for (int attempt = 0; attempt < kAttempts; ++attempt) {
            // Only a look, as long as it is held: an exchange would take the line from its holder.
            // Acquire; pairs with the release in unlock().
            const bool is_held = locked_.load(std::memory_order_relaxed);
            if (!is_held && !locked_.exchange(true, std::memory_order_acquire)) return true;
            relax_processor();
        }
        return false;
    }

    // For what may be held during a system call or a call of a driver: tries for some milliseconds,
    // and gives the processor away in between. False: the holder is stuck.
    bool lock_patiently() noexcept {
        for (int attempt = 0; attempt < kPatientAttempts; ++attempt) {
            if (try_lock()) return true;
            ::sched_yield();
        }
        return false;
    }

    void unlock() noexcept { locked_.store(false, std::memory_order_release); }

 private:
    std::atomic<bool> locked_{false};
};

// Holds the lock for a scope if it could be had; ask owns().
class BoundedGuard {
 public:
    struct Patient {};

    static constexpr Patient kPatient{};

    explicit BoundedGuard(BoundedLock& lock) noexcept : lock_(lock), owns_(lock.try_lock()) {}

    // With lock_patiently().
    BoundedGuard(BoundedLock& lock, Patient) noexcept : lock_(lock), owns_(lock.lock_patiently()) {}

    BoundedGuard(const BoundedGuard&) = delete;
    BoundedGuard& operator=(const BoundedGuard&) = delete;
    BoundedGuard(BoundedGuard&&) = delete;
    BoundedGuard& operator=(BoundedGuard&&) = delete;

    ~BoundedGuard() {
        if (owns_) lock_.unlock();
    }

    bool owns() const noexcept { return owns_; }

 private:
    BoundedLock& lock_;
    bool owns_;
};

}  // namespace headway
