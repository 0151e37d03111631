// What the hooks tell the scheduler. All functions are called from the program's own threads, or
// from callbacks of the driver, and may be called at any time.
#pragma once

#include "gate/launch.h"
#include "gate/shared_lane.h"
#include "shim/opencl/queues.h"

#include <CL/cl.h>

#include <cstdint>

namespace headway::opencl {

enum class Work : std::uint8_t { kKernel, kCopy, kMap, kCommandBuffer };
inline constexpr int kWorkCount = 4;

// What a gated call is about to enqueue. Valid during the call that receives it.
struct LaunchFacts {
    Work work = Work::kKernel;
    cl_command_queue queue = nullptr;
    std::uint64_t key = 0;  // for the cost model; 0: not to be learned
    bool blocking = false;  // the call returns when the work is done
    cl_uint wait_count = 0;
    const cl_event* wait_list = nullptr;
};

// From before_launch() or on_wait_enter() to its counterpart.
struct Ticket {
    gate::SharedLane* lane = nullptr;
    QueueFacts queue;
    gate::Launch launch;
    gate::Pass pass;
    gate::Pass wait;
    bool queue_retained = false;
};

// before_launch() may hold the thread, with a deadline; after_launch() gets whether the driver took
// the work, and the event that it gave the program for it (or null). In pairs, on one thread.
void before_launch(const LaunchFacts& facts, Ticket* ticket) noexcept;
void after_launch(const LaunchFacts& facts, Ticket* ticket, bool taken, cl_event event) noexcept;

// The program waits for a queue (clFinish), or for events.
void on_finish_enter(cl_command_queue queue, Ticket* ticket) noexcept;
void on_finish_exit(Ticket* ticket, bool complete) noexcept;
void on_wait_enter(cl_event first, Ticket* ticket) noexcept;
void on_wait_exit(Ticket* ticket, const cl_event* events, cl_uint count, bool complete) noexcept;

// The program has asked about an event, and has seen that it is complete, or that it is not.
void on_event_complete(cl_event event) noexcept;
void on_event_running(cl_event event) noexcept;

// The program is about to give back a reference to an event: its handle may be another's soon.
void on_event_release(cl_event event) noexcept;

// The program is about to destroy a queue.
void on_queue_destroy(cl_command_queue queue) noexcept;

// The priority that queues on the device should get: CL_QUEUE_PRIORITY_HIGH_KHR or _LOW_KHR, or 0
// where the platform has none, or the lane is neither high nor low.
cl_uint queue_priority(cl_device_id device) noexcept;

// While one exists, its thread is in a callback of the driver, and is never held there: the
// callback of a marker may be behind it.
class CallbackScope {
 public:
    CallbackScope() noexcept;
    CallbackScope(const CallbackScope&) = delete;
    CallbackScope& operator=(const CallbackScope&) = delete;
    CallbackScope(CallbackScope&&) = delete;
    CallbackScope& operator=(CallbackScope&&) = delete;
    ~CallbackScope();
};

// A gated function was looked up by a way on which it can't be gated.
void note_unknown_look_up() noexcept;

// The process has opened its first lane.
void on_first_lane() noexcept;

// In a forked child of a program that has used OpenCL, and at exit: nothing is looked at, since a
// lock may be held by a thread that is gone.
bool passing_everything() noexcept;

}  // namespace headway::opencl
