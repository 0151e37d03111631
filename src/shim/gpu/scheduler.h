// The seam between interception and scheduling: everything that the hooks tell the scheduler, and
// the two questions they ask. One translation unit implements it: scheduler_gate.cc, and in tests
// one that writes down what it is told. All functions are noexcept and are called from the
// program's own threads.
#pragma once

#include "driver_abi.h"
#include "shim/gpu/entries.h"
#include "shim/gpu/scheduler_inline.h"

#include <cstdint>

namespace headway::gpu {

// What a gated call is about to launch. Valid during the call that receives it.
struct LaunchFacts {
    Entry entry;
    CallClass call_class;  // kLaunch .. kPrefetch
    bool blocking;         // the call returns when the work is done (a synchronous copy or memset)
    // The stream as the plain (not per-thread) driver functions take it: 0 is the legacy default
    // stream, kPerThreadStream the calling thread's own, anything else a handle.
    std::uintptr_t stream;
    std::uintptr_t function;  // CUfunction or CUgraphExec; 0 for copies, memsets and prefetches
    std::uint32_t grid[3];    // blocks; 0 where the call does not say
    std::uint32_t block[3];   // threads; 0 where the call does not say
    std::uint32_t shared_bytes;
    std::uint64_t bytes;  // of a copy, where the call says it in an argument; otherwise 0
};

// Why a gated call goes on without the scheduler being asked.
enum class Bypass : std::uint8_t {
    kCapturing,  // the stream records a graph: nothing runs now
    kInside,     // the driver itself calls it, inside another call
    kExiting,    // the process is on its way out
    kCallback,   // a thread of the driver: a host function that the program enqueued
    kOwnThread,  // a thread of Headway itself
};
inline constexpr int kBypassCount = 5;

enum class Scope : std::uint8_t { kContext, kStream, kEvent };

// From scheduler_inline.h, which belongs to the implementation and is compiled into every hook:
//   struct Ticket               what before_launch() and on_sync_enter() tell their counterparts
//   bool scheduler_idle()       nobody else is on the device: calls need not be looked at. One
//   relaxed
//                               load or two; a launch or two more that passes is harmless
//   bool try_pass(CallClass)    idle, and the call counted as passed: it goes on at once. On the
//   hot path;
//                               false sends it the slow way, where flush_passed() is called if
//                               still idle

// A gated call that may not be held. Counts.
void note_bypassed(CallClass call_class, Bypass reason) noexcept;

// Called only while the scheduler is not idle. before_launch() may hold the thread, with a
// deadline; after_launch() gets the driver's result and may enqueue markers on facts.stream. Always
// in pairs, on one thread, with nothing of the shim in between.
void before_launch(const LaunchFacts& facts, Ticket* ticket) noexcept;
void after_launch(const LaunchFacts& facts, Ticket* ticket, Result result) noexcept;

// A blocking wait of the program: before it, and after it with the driver's result. `handle` is the
// stream (as in LaunchFacts), the event, or the context (0: the current one). Only while the
// scheduler is not idle; an enter is always followed by its exit on the same thread.
void on_sync_enter(Scope scope, std::uintptr_t handle, Ticket* ticket) noexcept;
void on_sync_exit(Scope scope, std::uintptr_t handle, Ticket* ticket, Result result) noexcept;

// The program asked whether a stream or event is done: kSuccess means that it saw completion,
// kErrorNotReady that it saw work in flight. Only while the scheduler is not idle.
void on_query(Scope scope, std::uintptr_t handle, Result result) noexcept;

// The program is about to enqueue a host function on a stream that records no graph. Only while the
// scheduler is not idle.
void on_host_function(std::uintptr_t stream) noexcept;

// The program recorded an event on a stream, or is about to destroy it (handles are reused). Only
// while the scheduler is not idle.
void on_event_record(std::uintptr_t event, std::uintptr_t stream, Result result) noexcept;
void on_event_destroy(std::uintptr_t event) noexcept;

// Asked before a stream is created: returns true, with the priority to create it with in *priority,
// if the calling thread's lane wants another one than `*priority`, which the program asked for.
bool adjust_stream_priority(std::uint32_t flags, int* priority) noexcept;
void on_stream_create(std::uintptr_t stream) noexcept;
void on_stream_destroy(std::uintptr_t stream) noexcept;

// A stream is about to record a graph.
void before_capture(std::uintptr_t stream) noexcept;

// A stream began (or may have ended) recording a graph. Between the two, calls that CUDA forbids
// during a capture (allocation, registering memory, querying events) would break the program's
// capture.
void on_capture(std::uintptr_t stream, bool begins) noexcept;

// A context is about to be destroyed (0: the current one), or the primary context of a device to be
// reset or released once (it ends with its last owner): whatever the scheduler made there must be
// given up now.
void on_context_destroy(std::uintptr_t context) noexcept;
void on_primary_context_end(int device) noexcept;

// The driver has been started (once a process): it may be called from here on.
void on_init() noexcept;

// The first thing that a forked child does, if the driver was started before the fork: the driver
// is unusable in it, so nothing may be held, and no driver function called.
void on_fork_child() noexcept;

// exit() has begun; calls are passed from here on.
void on_exit() noexcept;

}  // namespace headway::gpu
