// A lock that is always got: for bookkeeping that must not be skipped, and takes some instructions.
#pragma once

#include "base/bounded_lock.h"

#include <sched.h>

namespace headway::opencl {

class SpinLock {
 public:
    void lock() noexcept {
        while (!lock_.try_lock())
            ::sched_yield();
    }

    void unlock() noexcept { lock_.unlock(); }

 private:
    BoundedLock lock_;
};

class SpinGuard {
 public:
    explicit SpinGuard(SpinLock& lock) noexcept : lock_(lock) { lock_.lock(); }

    SpinGuard(const SpinGuard&) = delete;
    SpinGuard& operator=(const SpinGuard&) = delete;
    SpinGuard(SpinGuard&&) = delete;
    SpinGuard& operator=(SpinGuard&&) = delete;

    ~SpinGuard() { lock_.unlock(); }

 private:
    SpinLock& lock_;
};

}  // namespace headway::opencl
