/* rivals low FILE | rivals high FILE | rivals steps FILE: two programs that share a device. `low`
 * launches kernels of 2 ms without end, and counts its calls in FILE; `high` makes requests of
 * 300 ms, and prints how many calls of `low` returned from 20 ms after the start of each to its
 * end, and how many between two requests. `steps` is a `high` that looks at each of the 60 kernels
 * of a request before it makes the next, as a model does that writes token by token. */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct Shared {
    atomic_ulong calls; /* of low, returned so far */
    atomic_ulong stop;
};

static struct Shared* g_shared;
static atomic_ulong g_early; /* g_shared->calls soon after the start of the request */

static void sleep_ms(unsigned ms) {
    usleep(ms * 1000);
}

static void* sample_early(void* unused) {
    sleep_ms(20);
    atomic_store(&g_early, atomic_load(&g_shared->calls));
    return unused;
}

static void run_low(struct Cl* cl, cl_command_queue queue, cl_mem out) {
    const cl_ulong rounds = rounds_for_ms(cl, queue, 2);
    while (atomic_load(&g_shared->stop) == 0) {
        spin(cl, queue, out, rounds);
        /* Not more in the queue than a program that looks at its results now and then. */
        if (atomic_fetch_add(&g_shared->calls, 1) % 8 == 7) MUST(clFinish(queue));
    }
}

static void request_at_once(struct Cl* cl, cl_command_queue queue, cl_mem out, cl_ulong rounds) {
    for (int i = 0; i < 3; ++i)
        spin(cl, queue, out, rounds);
    MUST(clFinish(queue));
}

static void request_in_steps(struct Cl* cl, cl_command_queue queue, cl_mem out, cl_ulong rounds) {
    for (int i = 0; i < 60; ++i) {
        const size_t one = 1;
        cl_event event = NULL;
        cl_int state = CL_QUEUED;
        MUST(clSetKernelArg(cl->spin, 0, sizeof out, &out));
        MUST(clSetKernelArg(cl->spin, 1, sizeof rounds, &rounds));
        MUST(clEnqueueNDRangeKernel(queue, cl->spin, 1, NULL, &one, &one, 0, NULL, &event));
        MUST(clFlush(queue));
        while (state != CL_COMPLETE) {
            MUST(clGetEventInfo(
                event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL));
            usleep(20);
        }
        MUST(clReleaseEvent(event));
    }
}

static void run_high(struct Cl* cl, cl_command_queue queue, cl_mem out, int steps) {
    const cl_ulong rounds = rounds_for_ms(cl, queue, steps ? 5 : 100);
    while (atomic_load(&g_shared->calls) < 20)
        sleep_ms(1);
    /* A loaded machine spoils some requests in steps, by pauses that it makes itself. */
    const int requests = steps ? 12 : 4;
    for (int request = 0; request < requests; ++request) {
        pthread_t sampler;
        if (pthread_create(&sampler, NULL, sample_early, NULL) != 0) exit(1);
        if (steps) {
            request_in_steps(cl, queue, out, rounds);
        } else {
            request_at_once(cl, queue, out, rounds);
        }
        const unsigned long end = atomic_load(&g_shared->calls);
        pthread_join(sampler, NULL);
        sleep_ms(150);
        printf("during %lu between %lu\n",
               end - atomic_load(&g_early),
               atomic_load(&g_shared->calls) - end);
    }
    atomic_store(&g_shared->stop, 1);
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int file = open(argv[2], O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof(struct Shared)) != 0) return 1;
    g_shared = mmap(NULL, sizeof(struct Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (g_shared == MAP_FAILED) return 1;
    alarm(60);
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    cl_mem out = clCreateBuffer(cl.context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    if (strcmp(argv[1], "low") == 0) {
        run_low(&cl, queue, out);
    } else {
        run_high(&cl, queue, out, strcmp(argv[1], "steps") == 0);
    }
    MUST(clFinish(queue));
    MUST(clReleaseMemObject(out));
    MUST(clReleaseCommandQueue(queue));
    cl_close(&cl);
    return 0;
}
