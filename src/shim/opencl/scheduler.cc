// The scheduler: leads every gated call through the gate of its lane, and tells the lane what the
// program has seen complete.
#include "shim/opencl/scheduler.h"

#include "base/clock.h"
#include "base/env.h"
#include "capi/implementation.h"
#include "gate/process_lane.h"
#include "shim/opencl/dispatch.h"
#include "shim/opencl/lanes.h"
#include "shim/opencl/worker_threads.h"

#include <CL/cl_ext.h>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace headway::opencl {

namespace {

// Events of a wait list whose queues are flushed; there are seldom more than a few.
constexpr cl_uint kFlushCountMax = 16;

constinit std::atomic<bool> g_passing{false};
constinit std::atomic<std::uint64_t> g_seen[kWorkCount] = {};
constinit std::atomic<std::uint64_t> g_bypassed{0};
constinit std::atomic<std::uint64_t> g_unknown_look_ups{0};
constinit thread_local std::uint32_t t_callback_depth = 0;

device::StreamHandle stream_of(cl_command_queue queue) noexcept {
    return reinterpret_cast<std::uintptr_t>(queue);
}

cl_command_queue queue_of(cl_event event) noexcept {
    cl_command_queue queue = nullptr;
    if (event == nullptr) return nullptr;
    target()->clGetEventInfo(
        event, CL_EVENT_COMMAND_QUEUE, sizeof(cl_command_queue), &queue, nullptr);
    return queue;
}

// Work that waits for events of other queues must not be waited for before those queues have been
// submitted: the program may mean to do that later.
void flush_waited(const LaunchFacts& facts) noexcept {
    if (facts.wait_list == nullptr) return;
    for (cl_uint i = 0; i < std::min(facts.wait_count, kFlushCountMax); ++i) {
        const cl_command_queue queue = queue_of(facts.wait_list[i]);
        if (queue != nullptr && queue != facts.queue) target()->clFlush(queue);
    }
}

gate::SharedLane* lane_of_queue(cl_command_queue queue, QueueFacts* out) noexcept {
    if (passing_everything() || !find_queue(queue, out)) return nullptr;
    return lane_on(out->device);
}

void begin_wait(Ticket* ticket) noexcept {
    if (ticket->lane != nullptr && !ticket->lane->lane().alone()) {
        ticket->wait = ticket->lane->lane().begin_wait();
    }
}

void end_wait(Ticket* ticket, bool complete) noexcept {
    if (ticket->wait.gated()) {
        ticket->lane->lane().end_wait(ticket->wait, complete);
    } else if (complete) {
        ticket->lane->lane().seen_complete();
    }
}

// Remembers what the program may see the end of.
void follow_launch(const LaunchFacts& facts, Ticket* ticket, bool taken, cl_event event) noexcept {
    // What was launched while alone is not followed: a lane that nobody waits for.
    if (!ticket->pass.gated() && !ticket->wait.gated()) return;
    bool complete = false;
    if (taken && facts.blocking) {
        complete = ticket->queue.in_order &&
                   completion_of(*ticket->lane).stream_done(stream_of(facts.queue), now_ns());
    } else if (taken) {
        Completion& completion = completion_of(*ticket->lane);
        completion.launched(stream_of(facts.queue), now_ns());
        // Out of order, the end of one command says nothing about those before it.
        if (event != nullptr && ticket->queue.in_order) {
            completion.event_recorded(reinterpret_cast<std::uintptr_t>(event),
                                      stream_of(facts.queue));
        }
    }
    if (ticket->wait.gated()) end_wait(ticket, complete);
}

unsigned long long seen(Work work) noexcept {
    return g_seen[static_cast<std::size_t>(work)].load(std::memory_order_relaxed);
}

void at_exit() noexcept {
    if (g_passing.exchange(true, std::memory_order_relaxed)) return;
    if (!env_flag("HEADWAY_STATS")) return;
    std::fprintf(
        stderr,
        "headway: opencl: saw %llu kernels, %llu copies, %llu maps, %llu command buffers; "
        "bypassed %llu; unknown look-ups %llu\n",
        seen(Work::kKernel),
        seen(Work::kCopy),
        seen(Work::kMap),
        seen(Work::kCommandBuffer),
        static_cast<unsigned long long>(g_bypassed.load(std::memory_order_relaxed)),
        static_cast<unsigned long long>(g_unknown_look_ups.load(std::memory_order_relaxed)));
    for_each_process_lane(gate::print_counters);
}

void after_fork_child() noexcept {
    g_passing.store(true, std::memory_order_relaxed);
}

}  // namespace

CallbackScope::CallbackScope() noexcept {
    ++t_callback_depth;
}

CallbackScope::~CallbackScope() {
    --t_callback_depth;
}

bool passing_everything() noexcept {
    return g_passing.load(std::memory_order_relaxed);
}

void note_unknown_look_up() noexcept {
    g_unknown_look_ups.fetch_add(1, std::memory_order_relaxed);
}

void on_first_lane() noexcept {
    static constinit std::atomic<bool> g_done{false};
    if (g_done.exchange(true, std::memory_order_relaxed)) return;
    // Without memory for them a child runs as its parent did, and nothing is printed.
    pthread_atfork(nullptr, nullptr, after_fork_child);
    [[maybe_unused]] const int refused = std::atexit(at_exit);
}

void before_launch(const LaunchFacts& facts, Ticket* ticket) noexcept {
    g_seen[static_cast<std::size_t>(facts.work)].fetch_add(1, std::memory_order_relaxed);
    if (t_callback_depth == 0) {
        note_program_thread();
        ticket->lane = lane_of_queue(facts.queue, &ticket->queue);
    }
    if (ticket->lane == nullptr) {
        g_bypassed.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    gate::Lane& lane = ticket->lane->lane();
    if (lane.alone()) {
        lane.count_passed(1);
        return;
    }
    // While this thread is held, another one may give the queue back: without the layer the call
    // would have been over by then.
    ticket->queue_retained = retain_known_queue(facts.queue);
    flush_waited(facts);
    // Work behind a user event ends when a thread of the program says so, perhaps this one: then
    // the call does not wait for its lane's own work, only (boundedly) for other lanes.
    ticket->launch = {facts.key, stream_of(facts.queue), facts.blocking || user_event_pending()};
    ticket->pass = lane.before(ticket->launch);
    if (facts.blocking) begin_wait(ticket);
}

void after_launch(const LaunchFacts& facts, Ticket* ticket, bool taken, cl_event event) noexcept {
    if (ticket->lane == nullptr) return;
    if (ticket->pass.gated()) {
        ticket->lane->lane().after(ticket->launch, ticket->pass, taken);
    }
    follow_launch(facts, ticket, taken, event);
    if (!ticket->queue_retained) return;
    QueueFacts known;
    // Given back meanwhile: what after() has entered for it goes, too.
    if (!find_queue(facts.queue, &known)) on_queue_destroy(facts.queue);
    target()->clReleaseCommandQueue(facts.queue);
}

void on_finish_enter(cl_command_queue queue, Ticket* ticket) noexcept {
    if (t_callback_depth == 0) note_program_thread();
    ticket->lane = lane_of_queue(queue, &ticket->queue);
    begin_wait(ticket);
}

void on_finish_exit(Ticket* ticket, bool complete) noexcept {
    if (ticket->lane == nullptr) return;
    if (complete) {
        complete =
            completion_of(*ticket->lane).stream_done(stream_of(ticket->queue.queue), now_ns());
    }
    end_wait(ticket, complete);
}

void on_wait_enter(cl_event first, Ticket* ticket) noexcept {
    if (passing_everything()) return;
    const cl_command_queue queue = queue_of(first);  // null for a user event
    if (queue != nullptr) on_finish_enter(queue, ticket);
}

void on_wait_exit(Ticket* ticket, const cl_event* events, cl_uint count, bool complete) noexcept {
    if (ticket->lane == nullptr) return;
    bool all = false;
    for (cl_uint i = 0; complete && i < count; ++i) {
        all = completion_of(*ticket->lane)
                  .event_done(reinterpret_cast<std::uintptr_t>(events[i]), now_ns()) ||
              all;
    }
    end_wait(ticket, all);
}

void on_event_complete(cl_event event) noexcept {
    if (passing_everything()) return;
    QueueFacts facts;
    gate::SharedLane* const lane = lane_of_queue(queue_of(event), &facts);
    if (lane == nullptr || lane->lane().alone()) return;
    // A program that looks at each of its results may go on at once: the lane learns that.
    if (completion_of(*lane).event_done(reinterpret_cast<std::uintptr_t>(event), now_ns())) {
        lane->lane().seen_complete();
    }
}

void on_event_running(cl_event event) noexcept {
    if (passing_everything()) return;
    QueueFacts facts;
    gate::SharedLane* const lane = lane_of_queue(queue_of(event), &facts);
    if (lane != nullptr && !lane->lane().alone()) lane->lane().seen_running();
}

void on_event_release(cl_event event) noexcept {
    if (event == nullptr || passing_everything()) return;
    event_released(event);
    QueueFacts facts;
    gate::SharedLane* const lane = lane_of_queue(queue_of(event), &facts);
    if (lane == nullptr || lane->lane().alone()) return;
    completion_of(*lane).event_destroyed(reinterpret_cast<std::uintptr_t>(event));
}

void on_queue_destroy(cl_command_queue queue) noexcept {
    gate::SharedLane::leave_stream(stream_of(queue));
}

cl_uint queue_priority(cl_device_id device) noexcept {
    if (device == nullptr || passing_everything() || !has_priority_hints(device)) return 0;
    gate::SharedLane* const lane = lane_on(device);
    if (lane == nullptr || lane->lane().priority() == 0) return 0;
    return lane->lane().priority() > 0 ? CL_QUEUE_PRIORITY_HIGH_KHR : CL_QUEUE_PRIORITY_LOW_KHR;
}

}  // namespace headway::opencl
