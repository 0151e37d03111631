/* Several threads whose first calls come at once, each with a queue of its own. What follows takes
 * turns: PoCL and ocl-icd do not start in several threads at once. */
#include "support.h"

#include <pthread.h>

enum { kThreadCount = 8, kKernelCount = 5 };

static pthread_barrier_t g_together;
static pthread_mutex_t g_turn = PTHREAD_MUTEX_INITIALIZER;

/* Any of these may be the first of all. */
static void call_first(int which) {
    cl_event none = NULL;
    if (which % 4 == 0) clFinish(NULL);
    if (which % 4 == 1) clReleaseEvent(NULL);
    if (which % 4 == 2) clWaitForEvents(1, &none);
    if (which % 4 == 3) clReleaseContext(NULL);
}

static cl_ulong g_results[kThreadCount];

static void* work(void* out) {
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    pthread_barrier_wait(&g_together);
    call_first((int)((cl_ulong*)out - g_results));
    pthread_mutex_lock(&g_turn);
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    cl_mem memory = clCreateBuffer(cl.context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    for (int i = 0; i < kKernelCount; ++i)
        spin(&cl, queue, memory, 1000);
    MUST(clEnqueueReadBuffer(queue, memory, CL_TRUE, 0, 8, out, 0, NULL, NULL));
    MUST(clReleaseMemObject(memory));
    MUST(clReleaseCommandQueue(queue));
    cl_close(&cl);
    pthread_mutex_unlock(&g_turn);
    return NULL;
}

int main(void) {
    pthread_t threads[kThreadCount];
    pthread_barrier_init(&g_together, NULL, kThreadCount);
    for (int i = 0; i < kThreadCount; ++i)
        pthread_create(&threads[i], NULL, work, &g_results[i]);
    for (int i = 0; i < kThreadCount; ++i) {
        pthread_join(threads[i], NULL);
        printf("result %llx\n", (unsigned long long)g_results[i]);
    }
    return 0;
}
