// The part of the scheduler that is compiled into every hook (scheduler.h says what it is for).
#pragma once

#include "gate/lane.h"
#include "shim/gpu/entries.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace headway::gate {
class SharedLane;
}

namespace headway::gpu {

// From before_launch() or on_sync_enter() to its counterpart.
struct Ticket {
    gate::SharedLane* lane = nullptr;
    gate::Launch launch;
    gate::Pass pass;
};

// Calls need not be looked at while *idle_watch == idle_value. Before the first look idle_watch
// leads to a word of the scheduler's own; then, while the process is alone on its GPU, to the epoch
// of the board, which changes when another lane comes. Both are written by the scheduler, value
// before address.
extern constinit std::atomic<const std::atomic<std::uint64_t>*> idle_watch;
extern constinit std::atomic<std::uint64_t> idle_value;

inline bool scheduler_idle() noexcept {
    // Relaxed: a launch or two more that passes is harmless, and so is one that is looked at in
    // vain.
    return idle_watch.load(std::memory_order_relaxed)->load(std::memory_order_relaxed) ==
           idle_value.load(std::memory_order_relaxed);
}

// Passed calls by class, counted per thread and handed over every kPassFlush calls: an uncontended
// add instead of a cache line that all threads fight for. So totals lag by up to kPassFlush a
// thread.
inline constexpr std::uint32_t kPassFlush = 63;

struct PassedCalls {
    std::uint32_t pending[kCallClassCount];
};

extern constinit thread_local PassedCalls passed_calls __attribute__((tls_model("initial-exec")));

// Counts the thread's pending calls of a class, and the one that found no more room there.
void flush_passed(CallClass call_class) noexcept;

inline bool try_pass(CallClass call_class) noexcept {
    std::uint32_t& pending = passed_calls.pending[static_cast<std::size_t>(call_class)];
    if (!scheduler_idle() || pending >= kPassFlush) return false;
    ++pending;
    return true;
}

}  // namespace headway::gpu
