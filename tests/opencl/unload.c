/* unload tidy|hasty: a program that loads OpenCL by itself, uses it, unloads it and loads it again.
 * `hasty` unloads it with work in flight. */
#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kNoPlatform = 77, kFillCount = 40, kBytes = 1 << 20 };

#define MUST(call)                                                                      \
    do {                                                                                \
        const cl_int must_status = (call);                                              \
        if (must_status != CL_SUCCESS) {                                                \
            fprintf(stderr, "%s:%d: %s: %d\n", __FILE__, __LINE__, #call, must_status); \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

/* A pointer to the function of that name in the library. */
#define ENTRY(library, name) ((__typeof__(&name))dlsym(library, #name))

static void fill(void* library, cl_context context, cl_command_queue queue, int tidy) {
    cl_int status = CL_SUCCESS;
    cl_uint value = 0;
    cl_mem data = ENTRY(library, clCreateBuffer)(context, CL_MEM_READ_WRITE, kBytes, NULL, &status);
    MUST(status);
    for (cl_uint i = 1; i <= kFillCount; ++i) {
        MUST(ENTRY(library, clEnqueueFillBuffer)(
            queue, data, &i, sizeof i, 0, kBytes, 0, NULL, NULL));
    }
    MUST(ENTRY(library, clFlush)(queue));
    if (!tidy) return;
    MUST(ENTRY(library, clEnqueueReadBuffer)(
        queue, data, CL_TRUE, kBytes - sizeof value, sizeof value, &value, 0, NULL, NULL));
    printf("value %u\n", value);
    MUST(ENTRY(library, clReleaseMemObject)(data));
    MUST(ENTRY(library, clReleaseCommandQueue)(queue));
    MUST(ENTRY(library, clReleaseContext)(context));
}

static void use(int tidy) {
    void* library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) exit(kNoPlatform);
    cl_platform_id platform = NULL;
    cl_device_id device = NULL;
    cl_uint count = 0;
    cl_int status = CL_SUCCESS;
    if (ENTRY(library, clGetPlatformIDs)(1, &platform, &count) != CL_SUCCESS || count == 0) {
        exit(kNoPlatform);
    }
    MUST(ENTRY(library, clGetDeviceIDs)(platform, CL_DEVICE_TYPE_ALL, 1, &device, &count));
    cl_context context = ENTRY(library, clCreateContext)(NULL, 1, &device, NULL, NULL, &status);
    MUST(status);
    cl_command_queue queue = ENTRY(library, clCreateCommandQueue)(context, device, 0, &status);
    MUST(status);
    fill(library, context, queue, tidy);
    printf("unload %d\n", dlclose(library));
}

int main(int argc, char** argv) {
    const int tidy = argc > 1 && strcmp(argv[1], "tidy") == 0;
    setvbuf(stdout, NULL, _IONBF, 0); /* what came before a crash is to be seen */
    use(tidy);
    usleep(100000); /* what was in flight ends */
    use(1);
    return 0;
}
