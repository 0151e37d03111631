// What the layer knows of the program's command queues and user events: the program's own
// references to them, so that a handle is never used after the program has given it back.
#pragma once

#include <CL/cl.h>

namespace headway::opencl {

struct QueueFacts {
    cl_command_queue queue = nullptr;
    cl_device_id device = nullptr;
    bool in_order = true;
};

// All functions are thread-safe, and wait only for a lock that is held for some instructions. In a
// forked child they must not be called.

// The program has created a queue. Without room the queue stays unknown.
void queue_created(const QueueFacts& facts) noexcept;

// The program took, or is about to give back, one reference. forget_reference() returns true for
// the last one: from then on the queue is unknown.
void queue_retained(cl_command_queue queue) noexcept;
bool queue_is_last_reference(cl_command_queue queue) noexcept;
void queue_released(cl_command_queue queue) noexcept;

// False: the queue is not known.
bool find_queue(cl_command_queue queue, QueueFacts* out) noexcept;

// Takes a reference of the layer's own, to be given back with the driver's function. False: the
// program has destroyed the queue, or it never was known.
bool retain_known_queue(cl_command_queue queue) noexcept;

// A user event was created, retained, released, or has got its status. While one is pending, work
// that was enqueued behind it cannot end before some thread of the program goes on.
void user_event_created(cl_event event) noexcept;
void event_retained(cl_event event) noexcept;
void event_released(cl_event event) noexcept;
void user_event_set(cl_event event) noexcept;
bool user_event_pending() noexcept;

}  // namespace headway::opencl
