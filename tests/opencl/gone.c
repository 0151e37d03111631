/* gone queue|context: one thread's call takes its time, perhaps because it is held; meanwhile
 * another thread gives back the queue, or the queue and its context, without waiting for it. The
 * two are ordered by time alone, so the call is over first unless it is held. */
#include "support.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

struct Call {
    struct Cl* cl;
    cl_context context;
    cl_command_queue queue;
    cl_mem out;
    cl_int status;
};

static void* make_call(void* argument) {
    struct Call* call = argument;
    const cl_uint value = 7;
    call->status =
        clEnqueueFillBuffer(call->queue, call->out, &value, sizeof value, 0, 8, 0, NULL, NULL);
    return NULL;
}

int main(int argc, char** argv) {
    const int with_context = argc > 1 && strcmp(argv[1], "context") == 0;
    struct Cl cl;
    cl_open(&cl);
    for (int i = 0; i < 5; ++i) {
        struct Call call = {.cl = &cl, .status = 1};
        cl_int status = CL_SUCCESS;
        call.context = clCreateContext(NULL, 1, &cl.device, NULL, NULL, &status);
        MUST(status);
        call.queue = clCreateCommandQueue(call.context, cl.device, 0, &status);
        MUST(status);
        call.out = clCreateBuffer(call.context, CL_MEM_READ_WRITE, 8, NULL, &status);
        MUST(status);
        pthread_t thread;
        if (pthread_create(&thread, NULL, make_call, &call) != 0) return 1;
        usleep(50000);
        MUST(clReleaseCommandQueue(call.queue));
        if (with_context) MUST(clReleaseContext(call.context));
        pthread_join(thread, NULL);
        printf("call %d\n", call.status);
        MUST(clReleaseMemObject(call.out));
        if (!with_context) MUST(clReleaseContext(call.context));
    }
    cl_close(&cl);
    return 0;
}
