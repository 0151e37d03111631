// Command buffers (cl_khr_command_buffer) are enqueued by a function that programs look up by name.
#include "shim/opencl/dispatch.h"
#include "shim/opencl/hooks.h"
#include "shim/opencl/scheduler.h"

#include <CL/cl_ext.h>

#include <atomic>
#include <cstring>

namespace headway::opencl {

namespace {

using Enqueue = clEnqueueCommandBufferKHR_fn;

// The one platform's. Where a second one has another, its command buffers are bypassed: nothing in
// the arguments says which one is meant.
constinit std::atomic<void*> g_enqueue{nullptr};

cl_int CL_API_CALL enqueue_command_buffer(cl_uint queue_count,
                                          cl_command_queue* queues,
                                          cl_command_buffer_khr buffer,
                                          cl_uint wait_count,
                                          const cl_event* wait_list,
                                          cl_event* event) noexcept {
    LaunchFacts facts;
    facts.work = Work::kCommandBuffer;
    // Without queues the buffer runs on those that it was made for: not known here, bypassed.
    facts.queue = queue_count != 0 && queues != nullptr ? queues[0] : nullptr;
    facts.key = reinterpret_cast<std::uintptr_t>(buffer) | 1;
    facts.wait_count = wait_count;
    facts.wait_list = wait_list;
    Ticket ticket;
    before_launch(facts, &ticket);
    const auto next = reinterpret_cast<Enqueue>(g_enqueue.load(std::memory_order_acquire));
    const cl_int result = next(queue_count, queues, buffer, wait_count, wait_list, event);
    const bool taken = result == CL_SUCCESS;
    after_launch(facts, &ticket, taken, taken && event != nullptr ? *event : nullptr);
    return result;
}

}  // namespace

void* lead_look_up(const char* name, void* address) noexcept {
    if (name == nullptr || address == nullptr || std::strncmp(name, "clEnqueue", 9) != 0) {
        return address;
    }
    if (std::strcmp(name, "clEnqueueCommandBufferKHR") == 0) {
        void* known = nullptr;
        if (g_enqueue.compare_exchange_strong(known, address, std::memory_order_acq_rel) ||
            known == address) {
            return reinterpret_cast<void*>(&enqueue_command_buffer);
        }
    }
    note_unknown_look_up();
    return address;
}

}  // namespace headway::opencl
