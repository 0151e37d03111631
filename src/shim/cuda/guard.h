// When a call must never be held, whatever the scheduler would say.
#pragma once

#include "shim/cuda/scheduler.h"

#include <atomic>
#include <cstdint>

namespace headway::cuda {

// What is known of a thread.
struct ThreadState {
    std::uint32_t init_depth;  // cuInit calls that it is inside of
    bool own;                  // a thread of Headway
    bool classified;           // `of_driver` has been found out
    bool of_driver;            // the driver made this thread: it runs the program's host functions
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

// Called once after cuInit succeeded: has exit() set `exiting`, and fork() tell the scheduler.
void watch_process() noexcept;

}  // namespace headway::cuda
