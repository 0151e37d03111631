/* Makes calls that are wrong, and prints what they return: the same whether scheduled or not. */
#include "support.h"

#include <string.h>

static const size_t kOne = 1;

static void bad_calls(struct Cl* cl, cl_command_queue queue) {
    cl_int status = CL_SUCCESS;
    char host[8] = {0};
    cl_mem data = clCreateBuffer(cl->context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    const size_t too_many[3] = {1, 1, 1}, uneven = 7, group = 4;
    cl_kernel unset = clCreateKernel(cl->program, "scale", &status);
    MUST(status);
    printf("no arguments %d\n",
           clEnqueueNDRangeKernel(queue, unset, 1, NULL, &kOne, NULL, 0, NULL, NULL));
    printf("dimensions %d\n",
           clEnqueueNDRangeKernel(queue, unset, 4, NULL, too_many, NULL, 0, NULL, NULL));
    printf("no queue %d\n",
           clEnqueueNDRangeKernel(NULL, unset, 1, NULL, &kOne, NULL, 0, NULL, NULL));
    const cl_uint factor = 1;
    MUST(clSetKernelArg(unset, 0, sizeof data, &data));
    MUST(clSetKernelArg(unset, 1, sizeof factor, &factor));
    printf("uneven %d\n",
           clEnqueueNDRangeKernel(queue, unset, 1, NULL, &uneven, &group, 0, NULL, NULL));
    printf("beyond %d\n", clEnqueueReadBuffer(queue, data, CL_TRUE, 4, 8, host, 0, NULL, NULL));
    printf("no memory %d\n",
           clEnqueueWriteBuffer(queue, NULL, CL_FALSE, 0, 8, host, 0, NULL, NULL));
    printf("overlap %d\n", clEnqueueCopyBuffer(queue, data, data, 0, 2, 6, 0, NULL, NULL));
    printf("pattern %d\n", clEnqueueFillBuffer(queue, data, host, 3, 0, 8, 0, NULL, NULL));
    void* mapped =
        clEnqueueMapBuffer(queue, data, CL_TRUE, CL_MAP_READ, 4, 8, 0, NULL, NULL, &status);
    printf("map beyond %s %d\n", mapped ? "yes" : "no", status);
    mapped = clEnqueueMapBuffer(queue, NULL, CL_TRUE, CL_MAP_READ, 0, 8, 0, NULL, NULL, NULL);
    printf("map nothing %s\n", mapped ? "yes" : "no");
    printf("unmap %d\n", clEnqueueUnmapMemObject(queue, data, host, 0, NULL, NULL));
    printf("rect %d\n",
           clEnqueueReadBufferRect(
               queue, data, CL_TRUE, NULL, NULL, NULL, 0, 0, 0, 0, host, 0, NULL, NULL));
    MUST(clReleaseKernel(unset));
    MUST(clReleaseMemObject(data));
}

static void bad_events(struct Cl* cl) {
    cl_event none = NULL;
    cl_int value = 0;
    printf("wait for none %d\n", clWaitForEvents(0, NULL));
    printf("wait for null %d\n", clWaitForEvents(1, &none));
    printf("info of null %d\n",
           clGetEventInfo(NULL, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof value, &value, NULL));
    printf("callback of null %d\n", clSetEventCallback(NULL, CL_COMPLETE, NULL, NULL));
    printf("release null %d\n", clReleaseEvent(NULL));
    printf("finish null %d\n", clFinish(NULL));
    printf("release null queue %d\n", clReleaseCommandQueue(NULL));
    cl_int status = CL_SUCCESS;
    cl_event user = clCreateUserEvent(cl->context, &status);
    MUST(status);
    printf("wrong status %d\n", clSetUserEventStatus(user, 5));
    printf("no callback %d\n", clSetEventCallback(user, CL_COMPLETE, NULL, NULL));
    MUST(clSetUserEventStatus(user, CL_COMPLETE));
    printf("set twice %d\n", clSetUserEventStatus(user, CL_COMPLETE));
    MUST(clReleaseEvent(user));
    cl_command_queue queue = clCreateCommandQueue(cl->context, NULL, 0, &status);
    printf("queue of nothing %s %d\n", queue ? "yes" : "no", status);
    queue = clCreateCommandQueueWithProperties(NULL, cl->device, NULL, &status);
    printf("queue of no context %s %d\n", queue ? "yes" : "no", status);
}

/* Everything is given back while work is still in flight. */
static void release_in_flight(struct Cl* cl) {
    cl_int status = CL_SUCCESS;
    cl_context context = clCreateContext(NULL, 1, &cl->device, NULL, NULL, &status);
    MUST(status);
    cl_command_queue queue = clCreateCommandQueue(context, cl->device, 0, &status);
    MUST(status);
    cl_mem data = clCreateBuffer(context, CL_MEM_READ_WRITE, 1 << 20, NULL, &status);
    MUST(status);
    const cl_uint value = 1;
    for (int i = 0; i < 50; ++i) {
        MUST(clEnqueueFillBuffer(queue, data, &value, sizeof value, 0, 1 << 20, 0, NULL, NULL));
    }
    MUST(clFlush(queue));
    printf("release %d", clReleaseMemObject(data));
    printf(" %d", clReleaseCommandQueue(queue));
    printf(" %d\n", clReleaseContext(context));
}

int main(void) {
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    setvbuf(stdout, NULL, _IONBF, 0); /* what came before a crash is to be seen */
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    bad_calls(&cl, queue);
    bad_events(&cl);
    for (int i = 0; i < 10; ++i)
        release_in_flight(&cl);
    MUST(clFinish(queue));
    MUST(clReleaseCommandQueue(queue));
    cl_close(&cl);
    return 0;
}
