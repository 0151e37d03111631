/* Uses every kind of command, several queues, events and contexts, and prints what came out: the
 * same text whether it is scheduled or not. */
#include "support.h"

#include <CL/cl_ext.h>

#include <string.h>

enum { kCount = 4096, kBytes = kCount * 4 };

static cl_uint hash_of(const cl_uint* data, size_t count) {
    cl_uint hash = 2166136261U;
    for (size_t i = 0; i < count; ++i)
        hash = (hash ^ data[i]) * 16777619U;
    return hash;
}

static void run_scale(struct Cl* cl,
                      cl_command_queue queue,
                      cl_mem data,
                      cl_uint factor,
                      cl_uint wait_count,
                      const cl_event* wait,
                      cl_event* event) {
    const size_t count = kCount;
    MUST(clSetKernelArg(cl->scale, 0, sizeof data, &data));
    MUST(clSetKernelArg(cl->scale, 1, sizeof factor, &factor));
    MUST(clEnqueueNDRangeKernel(queue, cl->scale, 1, NULL, &count, NULL, wait_count, wait, event));
}

static void print_data(const char* what, cl_command_queue queue, cl_mem data) {
    static cl_uint host[kCount];
    MUST(clEnqueueReadBuffer(queue, data, CL_TRUE, 0, kBytes, host, 0, NULL, NULL));
    printf("%s %08x\n", what, hash_of(host, kCount));
}

static cl_mem new_data(struct Cl* cl, cl_command_queue queue, cl_uint value) {
    cl_int status = CL_SUCCESS;
    cl_mem data = clCreateBuffer(cl->context, CL_MEM_READ_WRITE, kBytes, NULL, &status);
    MUST(status);
    MUST(clEnqueueFillBuffer(queue, data, &value, sizeof value, 0, kBytes, 0, NULL, NULL));
    return data;
}

static void in_order(struct Cl* cl, cl_command_queue queue) {
    cl_mem data = new_data(cl, queue, 1);
    for (cl_uint i = 0; i < 100; ++i)
        run_scale(cl, queue, data, 3 + i, 0, NULL, NULL);
    MUST(clFinish(queue));
    print_data("in order", queue, data);
    MUST(clReleaseMemObject(data));
}

/* A chain of events over two queues, one of them out of order. */
static void events(struct Cl* cl, cl_command_queue queue, cl_command_queue unordered) {
    cl_mem data = new_data(cl, queue, 2);
    MUST(clFinish(queue));
    cl_event last = NULL;
    for (cl_uint i = 0; i < 60; ++i) {
        cl_event next = NULL;
        run_scale(
            cl, i % 2 ? queue : unordered, data, 5 + i, last ? 1 : 0, last ? &last : NULL, &next);
        if (last != NULL) MUST(clReleaseEvent(last));
        last = next;
    }
    MUST(clWaitForEvents(1, &last));
    cl_int status = 1;
    MUST(clGetEventInfo(last, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL));
    printf("events end %d\n", status);
    MUST(clReleaseEvent(last));
    print_data("events", queue, data);
    MUST(clReleaseMemObject(data));
}

/* Everything waits for an event that this same thread sets at the end. */
static void user_event(struct Cl* cl, cl_command_queue queue) {
    cl_int status = CL_SUCCESS;
    cl_mem data = new_data(cl, queue, 3);
    cl_event start = clCreateUserEvent(cl->context, &status);
    MUST(status);
    for (cl_uint i = 0; i < 40; ++i)
        run_scale(cl, queue, data, 7 + i, 1, &start, NULL);
    MUST(clFlush(queue));
    MUST(clSetUserEventStatus(start, CL_COMPLETE));
    MUST(clFinish(queue));
    MUST(clReleaseEvent(start));
    print_data("user event", queue, data);
    MUST(clReleaseMemObject(data));
}

static void copies(struct Cl* cl, cl_command_queue queue) {
    static cl_uint host[kCount];
    const size_t from[3] = {0, 0, 0}, to[3] = {64, 2, 0}, region[3] = {128, 8, 1};
    for (cl_uint i = 0; i < kCount; ++i)
        host[i] = i * 2654435761U;
    cl_mem data = new_data(cl, queue, 4);
    cl_mem other = new_data(cl, queue, 5);
    MUST(clEnqueueWriteBuffer(queue, data, CL_FALSE, 0, kBytes, host, 0, NULL, NULL));
    MUST(clEnqueueCopyBuffer(queue, data, other, 0, kBytes / 2, kBytes / 4, 0, NULL, NULL));
    MUST(clEnqueueCopyBufferRect(
        queue, other, data, from, to, region, 256, 0, 256, 0, 0, NULL, NULL));
    MUST(clEnqueueWriteBufferRect(
        queue, data, CL_TRUE, to, from, region, 256, 0, 256, 0, host, 0, NULL, NULL));
    MUST(clEnqueueReadBufferRect(
        queue, data, CL_TRUE, from, to, region, 256, 0, 256, 0, host, 0, NULL, NULL));
    MUST(clEnqueueMigrateMemObjects(queue, 1, &data, 0, 0, NULL, NULL));
    printf("rect %08x\n", hash_of(host, kCount));
    print_data("copies", queue, data);
    print_data("copies", queue, other);
    MUST(clReleaseMemObject(other));
    MUST(clReleaseMemObject(data));
}

static void maps(struct Cl* cl, cl_command_queue queue) {
    cl_int status = CL_SUCCESS;
    cl_mem data = new_data(cl, queue, 6);
    cl_event mapped = NULL;
    cl_uint* host = clEnqueueMapBuffer(
        queue, data, CL_FALSE, CL_MAP_READ | CL_MAP_WRITE, 0, kBytes, 0, NULL, &mapped, &status);
    MUST(status);
    MUST(clWaitForEvents(1, &mapped));
    for (cl_uint i = 0; i < kCount; ++i)
        host[i] += i;
    MUST(clReleaseEvent(mapped));
    MUST(clEnqueueUnmapMemObject(queue, data, host, 0, NULL, NULL));
    run_scale(cl, queue, data, 9, 0, NULL, NULL);
    host = clEnqueueMapBuffer(queue, data, CL_TRUE, CL_MAP_READ, 0, kBytes, 0, NULL, NULL, NULL);
    printf("maps %08x\n", hash_of(host, kCount));
    MUST(clEnqueueUnmapMemObject(queue, data, host, 0, NULL, NULL));
    MUST(clFinish(queue));
    MUST(clReleaseMemObject(data));
}

static void images(struct Cl* cl, cl_command_queue queue) {
    static cl_uint host[64 * 64];
    const cl_image_format format = {CL_RGBA, CL_UNSIGNED_INT8};
    cl_image_desc shape;
    memset(&shape, 0, sizeof shape);
    shape.image_type = CL_MEM_OBJECT_IMAGE2D;
    shape.image_width = shape.image_height = 64;
    cl_int status = CL_SUCCESS;
    cl_mem image = clCreateImage(cl->context, CL_MEM_READ_WRITE, &format, &shape, NULL, &status);
    MUST(status);
    const size_t origin[3] = {0, 0, 0}, corner[3] = {32, 32, 0}, half[3] = {32, 32, 1},
                 region[3] = {64, 64, 1};
    const cl_uint color[4] = {1, 2, 3, 4};
    cl_mem data = new_data(cl, queue, 7);
    MUST(clEnqueueFillImage(queue, image, color, origin, region, 0, NULL, NULL));
    MUST(clEnqueueCopyBufferToImage(queue, data, image, 0, corner, half, 0, NULL, NULL));
    MUST(clEnqueueCopyImageToBuffer(queue, image, data, origin, region, 0, 0, NULL, NULL));
    MUST(clEnqueueReadImage(queue, image, CL_TRUE, origin, region, 0, 0, host, 0, NULL, NULL));
    printf("image %08x\n", hash_of(host, 64 * 64));
    MUST(clEnqueueWriteImage(queue, image, CL_FALSE, origin, half, 0, 0, host, 0, NULL, NULL));
    print_data("image", queue, data);
    MUST(clReleaseMemObject(data));
    MUST(clReleaseMemObject(image));
}

static void shared_memory(struct Cl* cl, cl_command_queue queue) {
    cl_uint* from = clSVMAlloc(cl->context, CL_MEM_READ_WRITE, kBytes, 0);
    cl_uint* to = clSVMAlloc(cl->context, CL_MEM_READ_WRITE, kBytes, 0);
    if (from == NULL || to == NULL) {
        printf("no shared virtual memory\n");
        return;
    }
    const cl_uint value = 8;
    MUST(clEnqueueSVMMemFill(queue, from, &value, sizeof value, kBytes, 0, NULL, NULL));
    MUST(clEnqueueSVMMemcpy(queue, CL_FALSE, to, from, kBytes, 0, NULL, NULL));
    MUST(clEnqueueSVMMap(queue, CL_TRUE, CL_MAP_READ, to, kBytes, 0, NULL, NULL));
    printf("shared %08x\n", hash_of(to, kCount));
    MUST(clEnqueueSVMUnmap(queue, to, 0, NULL, NULL));
    void* pointers[] = {from, to};
    MUST(clEnqueueSVMFree(queue, 2, pointers, NULL, NULL, 0, NULL, NULL));
    MUST(clFinish(queue));
}

static void CL_CALLBACK native(void* arguments) {
    *(*(cl_uint**)arguments) += 1;
}

static void native_kernel(struct Cl* cl, cl_command_queue queue) {
    cl_uint calls = 0;
    cl_uint* pointer = &calls;
    (void)cl;
    for (int i = 0; i < 10; ++i) {
        const cl_int status = clEnqueueNativeKernel(
            queue, native, &pointer, sizeof pointer, 0, NULL, NULL, 0, NULL, NULL);
        if (status != CL_SUCCESS) printf("native %d\n", status);
    }
    MUST(clFinish(queue));
    printf("native calls %u\n", calls);
}

/* Callbacks may enqueue: here each starts the next one, on a thread of the driver. */
struct Chain {
    struct Cl* cl;
    cl_command_queue queue;
    cl_mem data;
    cl_event done;
    int left;
};

static void CL_CALLBACK next_of_chain(cl_event event, cl_int status, void* argument) {
    struct Chain* chain = argument;
    if (event != NULL) clReleaseEvent(event);
    if (status < 0 || chain->left-- == 0) {
        clSetUserEventStatus(chain->done, CL_COMPLETE);
        return;
    }
    cl_event next = NULL;
    run_scale(chain->cl, chain->queue, chain->data, 11, 0, NULL, &next);
    MUST(clSetEventCallback(next, CL_COMPLETE, next_of_chain, chain));
    MUST(clFlush(chain->queue));
}

static void callbacks(struct Cl* cl, cl_command_queue queue) {
    cl_int status = CL_SUCCESS;
    struct Chain chain = {cl, queue, new_data(cl, queue, 9), NULL, 20};
    MUST(clFinish(queue));
    chain.done = clCreateUserEvent(cl->context, &status);
    MUST(status);
    next_of_chain(NULL, CL_COMPLETE, &chain);
    MUST(clWaitForEvents(1, &chain.done));
    MUST(clReleaseEvent(chain.done));
    print_data("callbacks", queue, chain.data);
    MUST(clReleaseMemObject(chain.data));
}

static void command_buffer(struct Cl* cl, cl_command_queue queue) {
    cl_platform_id platform = NULL;
    MUST(clGetDeviceInfo(cl->device, CL_DEVICE_PLATFORM, sizeof platform, &platform, NULL));
#define FUNCTION(name) \
    name##_fn name = (name##_fn)clGetExtensionFunctionAddressForPlatform(platform, #name)
    FUNCTION(clCreateCommandBufferKHR);
    FUNCTION(clCommandNDRangeKernelKHR);
    FUNCTION(clFinalizeCommandBufferKHR);
    FUNCTION(clEnqueueCommandBufferKHR);
    FUNCTION(clReleaseCommandBufferKHR);
    if (clCreateCommandBufferKHR == NULL || clEnqueueCommandBufferKHR == NULL) {
        printf("no command buffers\n");
        return;
    }
    cl_int status = CL_SUCCESS;
    cl_mem data = new_data(cl, queue, 10);
    const cl_uint factor = 13;
    const size_t count = kCount;
    MUST(clSetKernelArg(cl->scale, 0, sizeof data, &data));
    MUST(clSetKernelArg(cl->scale, 1, sizeof factor, &factor));
    cl_command_buffer_khr buffer = clCreateCommandBufferKHR(1, &queue, NULL, &status);
    MUST(status);
    for (int i = 0; i < 3; ++i) {
        MUST(clCommandNDRangeKernelKHR(
            buffer, NULL, NULL, cl->scale, 1, NULL, &count, NULL, 0, NULL, NULL, NULL));
    }
    MUST(clFinalizeCommandBufferKHR(buffer));
    MUST(clEnqueueCommandBufferKHR(1, &queue, buffer, 0, NULL, NULL));
    MUST(clFinish(queue));
    MUST(clEnqueueCommandBufferKHR(0, NULL, buffer, 0, NULL, NULL));
    MUST(clFinish(queue));
    MUST(clReleaseCommandBufferKHR(buffer));
    print_data("command buffer", queue, data);
    MUST(clReleaseMemObject(data));
}

static void sub_device(struct Cl* cl) {
    const cl_device_partition_property half[] = {CL_DEVICE_PARTITION_EQUALLY, 1, 0};
    cl_device_id parts[64];
    cl_uint count = 0;
    if (clCreateSubDevices(cl->device, half, 64, parts, &count) != CL_SUCCESS) {
        printf("no sub-devices\n");
        return;
    }
    cl_int status = CL_SUCCESS;
    struct Cl part = *cl;
    part.device = parts[0];
    part.context = clCreateContext(NULL, 1, &part.device, NULL, NULL, &status);
    MUST(status);
    cl_command_queue queue = clCreateCommandQueue(part.context, part.device, 0, &status);
    MUST(status);
    cl_mem data = new_data(&part, queue, 11);
    print_data("sub-device", queue, data);
    MUST(clReleaseMemObject(data));
    MUST(clReleaseCommandQueue(queue));
    MUST(clReleaseContext(part.context));
    for (cl_uint i = 0; i < count; ++i)
        MUST(clReleaseDevice(parts[i]));
}

/* Queues that come and go, each with work left in flight when it is released. */
static void short_queues(struct Cl* cl, cl_command_queue queue) {
    cl_int status = CL_SUCCESS;
    cl_mem data = new_data(cl, queue, 12);
    MUST(clFinish(queue));
    for (cl_uint i = 0; i < 50; ++i) {
        cl_command_queue brief = clCreateCommandQueue(cl->context, cl->device, 0, &status);
        MUST(status);
        MUST(clRetainCommandQueue(brief));
        cl_event done = NULL;
        run_scale(cl, brief, data, 15 + i, 0, NULL, &done);
        MUST(clReleaseCommandQueue(brief));
        MUST(clFlush(brief));
        MUST(clReleaseCommandQueue(brief));
        MUST(clWaitForEvents(1, &done));
        MUST(clReleaseEvent(done));
    }
    print_data("short queues", queue, data);
    MUST(clReleaseMemObject(data));
}

int main(void) {
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    const cl_queue_properties properties[] = {
        CL_QUEUE_PROPERTIES, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, 0};
    cl_command_queue unordered =
        clCreateCommandQueueWithProperties(cl.context, cl.device, properties, &status);
    MUST(status);
    in_order(&cl, queue);
    events(&cl, queue, unordered);
    user_event(&cl, queue);
    copies(&cl, queue);
    maps(&cl, queue);
    images(&cl, queue);
    shared_memory(&cl, queue);
    native_kernel(&cl, queue);
    callbacks(&cl, queue);
    command_buffer(&cl, queue);
    sub_device(&cl);
    short_queues(&cl, queue);
    MUST(clReleaseCommandQueue(unordered));
    MUST(clReleaseCommandQueue(queue));
    cl_close(&cl);
    return 0;
}
