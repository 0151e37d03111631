/* life early|fork-before|fork-after|unfinished: what happens at the edges of a process's life. */
#include "support.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(void) {
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    cl_ulong result = 0;
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    cl_mem out = clCreateBuffer(cl.context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    for (int i = 0; i < 20; ++i)
        spin(&cl, queue, out, 1000);
    MUST(clEnqueueReadBuffer(queue, out, CL_TRUE, 0, 8, &result, 0, NULL, NULL));
    printf("result %llx\n", (unsigned long long)result);
    MUST(clReleaseMemObject(out));
    MUST(clReleaseCommandQueue(queue));
    cl_close(&cl);
}

static void fork_and(void (*in_child)(void)) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (in_child != NULL) in_child();
        exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("child %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Calls before the first look at the platforms: what they return is the loader's affair. */
static void early(void) {
    cl_event none = NULL;
    printf("early %d %d %d %d\n",
           clWaitForEvents(1, &none),
           clFinish(NULL),
           clReleaseEvent(NULL),
           clReleaseContext(NULL));
    printf(
        "function %s\n",
        clGetExtensionFunctionAddressForPlatform(NULL, "clEnqueueCommandBufferKHR") ? "yes" : "no");
    work();
}

/* Ends with work in flight. */
static void unfinished(void) {
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    cl_mem out = clCreateBuffer(cl.context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    for (int i = 0; i < 20; ++i)
        spin(&cl, queue, out, 200000);
    MUST(clFlush(queue));
}

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "early") == 0) early();
    if (strcmp(what, "fork-before") == 0) {
        fork_and(work);
        work();
    }
    if (strcmp(what, "fork-after") == 0) {
        work();
        fork_and(NULL);
        work();
    }
    if (strcmp(what, "unfinished") == 0) unfinished();
    return 0;
}
