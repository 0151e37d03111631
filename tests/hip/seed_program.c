/* What failed for the first user of such tools: processes that are forked before and after HIP is
 * used, and threads whose streams the main thread makes. Never calls hipInit, as most programs.
 *   seed_program STEP...   prints "what result" lines */
#include "driver.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kThreads = 4, kLaunches = 100 };

static const Dim3 kGrid = {64, 1, 1};
static const Dim3 kBlock = {256, 1, 1};

static void say(const char* what, int result) {
    printf("%s %d\n", what, result);
    fflush(stdout);
}

static Handle load_kernel(void) {
    Handle module = NULL;
    Handle function = NULL;
    if (hipModuleLoadData(&module, "image") != 0) return NULL;
    hipModuleGetFunction(&function, module, "kernel_50us");
    return function;
}

/* A small model: copies in, launches, copies out, and looks at the result. */
static int use_gpu(Handle kernel, Handle stream) {
    uint64_t address = 0;
    unsigned host[4] = {1, 2, 3, 4};
    unsigned back[4] = {0};
    int failed = hipMalloc(&address, sizeof(host)) != 0;
    failed |= hipMemcpyHtoD(address, host, sizeof(host)) != 0;
    for (int i = 0; i < kLaunches; ++i)
        failed |= hipLaunchKernel(kernel, kGrid, kBlock, NULL, 0, stream) != 0;
    failed |= hipMemcpyDtoHAsync(back, address, sizeof(back), stream) != 0;
    failed |= hipStreamSynchronize(stream) != 0;
    return failed != 0 || memcmp(host, back, sizeof(host)) != 0;
}

struct Job {
    Handle kernel;
    Handle stream;
    int result;
};

static void* run_job(void* argument) {
    struct Job* job = argument;
    job->result = use_gpu(job->kernel, job->stream);
    return NULL;
}

static int use_in_threads(void) {
    pthread_t threads[kThreads];
    struct Job jobs[kThreads];
    Handle kernel = load_kernel();
    int failed = 0;
    for (int i = 0; i < kThreads; ++i) {
        jobs[i].kernel = kernel;
        jobs[i].result = -1;
        failed |= hipStreamCreateWithFlags(&jobs[i].stream, 1) != 0;
    }
    for (int i = 0; i < kThreads; ++i)
        pthread_create(&threads[i], NULL, &run_job, &jobs[i]);
    for (int i = 0; i < kThreads; ++i) {
        pthread_join(threads[i], NULL);
        failed |= jobs[i].result;
        failed |= hipStreamDestroy(jobs[i].stream) != 0;
    }
    return failed;
}

static void in_children(const char* what) {
    pid_t children[2];
    int status[2] = {-1, -1};
    fflush(stdout);
    for (int i = 0; i < 2; ++i) {
        children[i] = fork();
        if (children[i] == 0) {
            const int failed = use_gpu(load_kernel(), NULL);
            say(what, failed);
            _exit(failed);
        }
    }
    /* Told when both have ended, so that the lines come in one order. */
    for (int i = 0; i < 2; ++i)
        waitpid(children[i], &status[i], 0);
    for (int i = 0; i < 2; ++i)
        say("child status", status[i]);
}

int main(int argc, char** argv) {
    int count = 0;
    for (int i = 1; i < argc; ++i) {
        const char* step = argv[i];
        if (strcmp(step, "count") == 0) say("count", hipGetDeviceCount(&count));
        if (strcmp(step, "use") == 0) say("use", use_gpu(load_kernel(), NULL));
        if (strcmp(step, "threads") == 0) say("threads", use_in_threads());
        if (strcmp(step, "children") == 0) in_children("child use");
        if (strcmp(step, "reset") == 0) say("reset", hipDeviceReset());
        if (strcmp(step, "memset") == 0) {
            uint64_t address = 0;
            hipMalloc(&address, 64);
            say("memset", hipMemset((void*)(uintptr_t)address, 7, 64));
        }
    }
    return 0;
}
