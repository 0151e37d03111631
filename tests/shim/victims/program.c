/* An ordinary CUDA program, linked to libcuda.so.1. Each argument is something that it does, in
 * order; it prints "what result" lines and returns 0 if it got through. */
#include "driver.h"

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static Handle function;
static Handle stream;

static void say(const char* what, int result) {
    printf("%s %d\n", what, result);
    fflush(stdout);
}

static int launch(Handle on) {
    return cuLaunchKernel(function, 2, 3, 4, 32, 2, 1, 128, on, NULL, NULL);
}

static void start(void) {
    Handle module = NULL;
    Handle context = NULL;
    int device = 0;
    say("init", cuInit(0));
    cuDeviceGet(&device, 0);
    cuDevicePrimaryCtxRetain(&context, device);
    cuCtxSetCurrent(context);
    cuModuleLoadData(&module, "image");
    say("function", cuModuleGetFunction(&function, module, "kernel_200us"));
    cuStreamCreate(&stream, 1);
}

static void data(void) {
    uint64_t address = 0;
    unsigned host[4] = {1, 2, 3, 4};
    unsigned back[4] = {0};
    cuMemAlloc_v2(&address, sizeof(host));
    say("memcpy", cuMemcpyHtoD_v2(address, host, sizeof(host)));
    say("memset", cuMemsetD32Async(address, 7, 2, stream));
    say("memcpy back", cuMemcpyDtoHAsync_v2(back, address, sizeof(back), stream));
    say("synchronize", cuStreamSynchronize(stream));
    say("data is right", back[0] == 7 && back[1] == 7 && back[2] == 3 && back[3] == 4);
}

static void events(void) {
    Handle event = NULL;
    cuEventCreate(&event, 0);
    say("launch", launch(stream));
    say("record", cuEventRecord(event, stream));
    say("query", cuEventQuery(event));
    say("wait", cuEventSynchronize(event));
    say("query", cuEventQuery(event));
    say("destroy", cuEventDestroy_v2(event));
}

static void capture(void) {
    Handle other = NULL;
    Handle event = NULL;
    Handle graph = NULL;
    Handle exec = NULL;
    cuStreamCreate(&other, 1);
    cuEventCreate(&event, 0);
    say("launch before", launch(stream));
    say("begin", cuStreamBeginCapture_v2(stream, 2));
    say("launch captured", launch(stream));
    cuEventRecord(event, stream);
    cuStreamWaitEvent(other, event, 0);
    say("launch joined", launch(other));
    cuEventRecord(event, other);
    cuStreamWaitEvent(stream, event, 0);
    say("end", cuStreamEndCapture(stream, &graph));
    cuStreamDestroy_v2(other);
    say("instantiate", cuGraphInstantiateWithFlags(&exec, graph, 0));
    say("graph launch", cuGraphLaunch(exec, stream));
    say("launch after", launch(stream));
    say("synchronize", cuStreamSynchronize(stream));
}

static sem_t enqueued;

/* Waits for the call that enqueued it, so that the driver's log has one order. */
static void host_function(void* result) {
    sem_wait(&enqueued);
    *(int*)result = launch(stream);
}

static void callback(void) {
    int inside = -1;
    sem_init(&enqueued, 0, 0);
    say("host function", cuLaunchHostFunc(stream, &host_function, &inside));
    sem_post(&enqueued);
    cuStreamSynchronize(stream);
    say("launch inside", inside);
    say("launch outside", launch(stream));
}

static void fork_child(void) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        say("child init", cuInit(0));
        say("child launch", launch(stream));
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    say("child status", status);
}

static void at_exit(void) {
    say("launch at exit", launch(stream));
    say("synchronize at exit", cuCtxSynchronize());
}

static void* one_thread(void* unused) {
    (void)unused;
    for (int i = 0; i < 200; ++i)
        launch(stream);
    return NULL;
}

static void threads(void) {
    pthread_t all[4];
    for (int i = 0; i < 4; ++i)
        pthread_create(&all[i], NULL, &one_thread, NULL);
    for (int i = 0; i < 4; ++i)
        pthread_join(all[i], NULL);
    say("synchronize", cuStreamSynchronize(stream));
}

static pthread_barrier_t together;

static void* first_call(void* result) {
    pthread_barrier_wait(&together);
    *(int*)result = cuInit(0);
    return NULL;
}

/* Several threads make the process's first driver call at the same moment. */
static void first_calls(void) {
    enum { kThreads = 8 };

    pthread_t all[kThreads];
    int results[kThreads];
    int good = 0;
    pthread_barrier_init(&together, NULL, kThreads);
    for (int i = 0; i < kThreads; ++i)
        pthread_create(&all[i], NULL, &first_call, &results[i]);
    for (int i = 0; i < kThreads; ++i)
        pthread_join(all[i], NULL);
    for (int i = 0; i < kThreads; ++i)
        good += results[i] == 0;
    say("first calls that succeeded", good);
}

static void priority(void) {
    Handle made = NULL;
    int found = 99;
    cuStreamCreateWithPriority(&made, 1, -1);
    cuStreamGetPriority(made, &found);
    say("priority asked -1", found);
    cuStreamCreate(&made, 1);
    cuStreamGetPriority(made, &found);
    say("priority asked none", found);
}

static void maps(void) {
    char line[512];
    int drivers = 0;
    FILE* file = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof(line), file) != NULL)
        drivers += strstr(line, VICTIM_LIBRARY) != NULL;
    fclose(file);
    say("driver is mapped", drivers != 0);
}

int main(int argc, char** argv) {
    if (getenv("PROGRAM_AT_EXIT_EARLY") != NULL) atexit(&at_exit);
    for (int i = 1; i < argc; ++i) {
        const char* what = argv[i];
        if (strcmp(what, "start") == 0) start();
        if (strcmp(what, "launch") == 0) say("launch", launch(NULL));
        if (strcmp(what, "data") == 0) data();
        if (strcmp(what, "events") == 0) events();
        if (strcmp(what, "capture") == 0) capture();
        if (strcmp(what, "callback") == 0) callback();
        if (strcmp(what, "fork") == 0) fork_child();
        if (strcmp(what, "atexit") == 0) atexit(&at_exit);
        if (strcmp(what, "threads") == 0) threads();
        if (strcmp(what, "priority") == 0) priority();
        if (strcmp(what, "first-calls") == 0) first_calls();
        if (strcmp(what, "maps") == 0) maps();
        if (strcmp(what, "exec") == 0) execv(argv[0], (char*[]){argv[0], "start", "launch", NULL});
    }
    return 0;
}
