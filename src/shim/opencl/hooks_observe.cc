// The functions that launch nothing, but tell what becomes of what was launched.
#include "shim/opencl/dispatch.h"
#include "shim/opencl/hooks.h"
#include "shim/opencl/queues.h"
#include "shim/opencl/scheduler.h"

#include <CL/cl_ext.h>

#include <cstdlib>
#include <new>

namespace headway::opencl {

namespace {

constexpr std::size_t kPropertyCountMax = 16;  // pairs; with more of them the program's are used

using EventCallback = void(CL_CALLBACK*)(cl_event, cl_int, void*);

// A callback of the program; owned by the driver until it calls.
struct Callback {
    EventCallback function;
    void* user_data;
};

void CL_CALLBACK lead_callback(cl_event event, cl_int status, void* user_data) noexcept {
    const Callback callback = *static_cast<Callback*>(user_data);
    std::free(user_data);
    if (status <= CL_COMPLETE) on_event_complete(event);
    const CallbackScope scope;
    callback.function(event, status, callback.user_data);
}

void note_queue(cl_command_queue queue, cl_device_id device, cl_bitfield properties) noexcept {
    if (queue == nullptr || passing_everything()) return;
    queue_created({queue, device, (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE) == 0});
}

cl_bitfield find_property(const cl_queue_properties* list,
                          cl_queue_properties name,
                          bool* out_found) noexcept {
    *out_found = false;
    for (std::size_t i = 0; list != nullptr && list[i] != 0; i += 2) {
        if (list[i] != name) continue;
        *out_found = true;
        return list[i + 1];
    }
    return 0;
}

// The program's properties with a priority behind them. False: it has set one itself, or set too
// much.
bool add_priority(const cl_queue_properties* from,
                  cl_uint priority,
                  cl_queue_properties* out) noexcept {
    std::size_t count = 0;
    for (; from != nullptr && from[count] != 0; count += 2) {
        if (from[count] == CL_QUEUE_PRIORITY_KHR || count / 2 == kPropertyCountMax) return false;
        out[count] = from[count];
        out[count + 1] = from[count + 1];
    }
    out[count] = CL_QUEUE_PRIORITY_KHR;
    out[count + 1] = priority;
    out[count + 2] = 0;
    return true;
}

// The queue with a priority of the lane's, or null.
cl_command_queue create_with_priority(cl_context context,
                                      cl_device_id device,
                                      const cl_queue_properties* properties) noexcept {
    if (target()->clCreateCommandQueueWithProperties == nullptr) return nullptr;
    const cl_uint priority = queue_priority(device);
    cl_queue_properties all[2 * kPropertyCountMax + 3];
    if (priority == 0 || !add_priority(properties, priority, all)) return nullptr;
    return target()->clCreateCommandQueueWithProperties(context, device, all, nullptr);
}

cl_command_queue CL_API_CALL create_queue(cl_context context,
                                          cl_device_id device,
                                          cl_command_queue_properties properties,
                                          cl_int* error) noexcept {
    const cl_queue_properties list[] = {CL_QUEUE_PROPERTIES, properties, 0};
    cl_command_queue queue = create_with_priority(context, device, list);
    if (queue == nullptr) {
        queue = target()->clCreateCommandQueue(context, device, properties, error);
    } else if (error != nullptr) {
        *error = CL_SUCCESS;
    }
    note_queue(queue, device, properties);
    return queue;
}

cl_command_queue CL_API_CALL create_queue_with_properties(cl_context context,
                                                          cl_device_id device,
                                                          const cl_queue_properties* properties,
                                                          cl_int* error) noexcept {
    cl_command_queue queue = create_with_priority(context, device, properties);
    if (queue == nullptr) {
        queue = target()->clCreateCommandQueueWithProperties(context, device, properties, error);
    } else if (error != nullptr) {
        *error = CL_SUCCESS;
    }
    bool found = false;
    if (queue != nullptr) {
        note_queue(queue, device, find_property(properties, CL_QUEUE_PROPERTIES, &found));
    }
    return queue;
}

cl_int CL_API_CALL retain_queue(cl_command_queue queue) noexcept {
    const cl_int result = target()->clRetainCommandQueue(queue);
    if (result == CL_SUCCESS && !passing_everything()) queue_retained(queue);
    return result;
}

cl_int CL_API_CALL release_queue(cl_command_queue queue) noexcept {
    if (!passing_everything()) {
        if (queue_is_last_reference(queue)) on_queue_destroy(queue);
        queue_released(queue);
    }
    return target()->clReleaseCommandQueue(queue);
}

cl_int CL_API_CALL finish(cl_command_queue queue) noexcept {
    Ticket ticket;
    on_finish_enter(queue, &ticket);
    const cl_int result = target()->clFinish(queue);
    on_finish_exit(&ticket, result == CL_SUCCESS);
    return result;
}

cl_int CL_API_CALL wait_for_events(cl_uint count, const cl_event* events) noexcept {
    Ticket ticket;
    if (count != 0 && events != nullptr) on_wait_enter(events[0], &ticket);
    const cl_int result = target()->clWaitForEvents(count, events);
    on_wait_exit(&ticket, events, count, result == CL_SUCCESS);
    return result;
}

cl_int CL_API_CALL get_event_info(cl_event event,
                                  cl_event_info name,
                                  size_t bytes,
                                  void* value,
                                  size_t* bytes_returned) noexcept {
    const cl_int result = target()->clGetEventInfo(event, name, bytes, value, bytes_returned);
    if (result == CL_SUCCESS && name == CL_EVENT_COMMAND_EXECUTION_STATUS && value != nullptr) {
        const bool complete = *static_cast<const cl_int*>(value) <= CL_COMPLETE;
        complete ? on_event_complete(event) : on_event_running(event);
    }
    return result;
}

cl_int CL_API_CALL retain_event(cl_event event) noexcept {
    const cl_int result = target()->clRetainEvent(event);
    if (result == CL_SUCCESS && !passing_everything()) event_retained(event);
    return result;
}

cl_int CL_API_CALL release_event(cl_event event) noexcept {
    on_event_release(event);
    return target()->clReleaseEvent(event);
}

cl_event CL_API_CALL create_user_event(cl_context context, cl_int* error) noexcept {
    const cl_event event = target()->clCreateUserEvent(context, error);
    if (event != nullptr && !passing_everything()) user_event_created(event);
    return event;
}

cl_int CL_API_CALL set_user_event_status(cl_event event, cl_int status) noexcept {
    const cl_int result = target()->clSetUserEventStatus(event, status);
    if (result == CL_SUCCESS && !passing_everything()) user_event_set(event);
    return result;
}

cl_int CL_API_CALL set_event_callback(cl_event event,
                                      cl_int type,
                                      EventCallback function,
                                      void* user_data) noexcept {
    void* const memory = function != nullptr ? std::malloc(sizeof(Callback)) : nullptr;
    if (memory == nullptr) {
        return target()->clSetEventCallback(event, type, function, user_data);
    }
    ::new (memory) Callback{function, user_data};
    const cl_int result = target()->clSetEventCallback(event, type, lead_callback, memory);
    if (result != CL_SUCCESS) std::free(memory);
    return result;
}

void* CL_API_CALL get_function(const char* name) noexcept {
    return lead_look_up(name, target()->clGetExtensionFunctionAddress(name));
}

void* CL_API_CALL get_function_for_platform(cl_platform_id platform, const char* name) noexcept {
    return lead_look_up(name, target()->clGetExtensionFunctionAddressForPlatform(platform, name));
}

template <auto kMember, typename Function>
void hook(cl_icd_dispatch* table, Function function) noexcept {
    if (target()->*kMember != nullptr) table->*kMember = function;
}

}  // namespace

void hook_observers(cl_icd_dispatch* table) noexcept {
    using Table = cl_icd_dispatch;
    hook<&Table::clCreateCommandQueue>(table, create_queue);
    hook<&Table::clCreateCommandQueueWithProperties>(table, create_queue_with_properties);
    hook<&Table::clRetainCommandQueue>(table, retain_queue);
    hook<&Table::clReleaseCommandQueue>(table, release_queue);
    hook<&Table::clFinish>(table, finish);
    hook<&Table::clWaitForEvents>(table, wait_for_events);
    hook<&Table::clGetEventInfo>(table, get_event_info);
    hook<&Table::clRetainEvent>(table, retain_event);
    hook<&Table::clReleaseEvent>(table, release_event);
    hook<&Table::clCreateUserEvent>(table, create_user_event);
    hook<&Table::clSetUserEventStatus>(table, set_user_event_status);
    hook<&Table::clSetEventCallback>(table, set_event_callback);
    hook<&Table::clGetExtensionFunctionAddress>(table, get_function);
    hook<&Table::clGetExtensionFunctionAddressForPlatform>(table, get_function_for_platform);
}

}  // namespace headway::opencl
