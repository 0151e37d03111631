// When a call must never be held, whatever the scheduler would say.
#pragma once

#include "shim/gpu/scheduler.h"

#include <atomic>
#include <cstdint>

namespace headway::gpu {

// What is known of a thread.
struct ThreadState {
    std::uint32_t depth;  // calls of the driver that it is inside of, as far as they are looked at
    bool own;             // a thread of Headway
    bool classified;      // `of_driver` has been found out
    bool of_driver;       // the driver made this thread: it runs the program's host functions
};

extern constinit thread_local ThreadState thread_state __attribute__((tls_model("initial-exec")));

// Set once exit() has begun. Relaxed: a call that misses it is held within its bound.
extern constinit std::atomic<bool> exiting;

// The calling thread belongs to Headway: nothing that it calls is gated. For the scheduler's
// threads.
void mark_own_thread() noexcept;

// Whether the calling thread may be held before a launch on `stream`; if not, *out_reason says why.
// May ask the driver whether the stream is capturing. Does not block.
bool may_hold(std::uintptr_t stream, Bypass* out_reason) noexcept;

// The program has started the driver: from now on exit() sets `exiting`, fork() tells the
// scheduler, and the scheduler looks at calls. Acts once.
void report_start() noexcept;

}  // namespace headway::gpu
