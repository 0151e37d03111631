#include "support.h"

#include <time.h>

static const char* const kSource =
    "kernel void scale(global uint* data, uint factor) {\n"
    "    size_t i = get_global_id(0);\n"
    "    data[i] = data[i] * factor + (uint)i;\n"
    "}\n"
    "kernel void spin(global ulong* out, ulong rounds) {\n"
    "    ulong x = 88172645463325252UL;\n"
    "    for (ulong i = 0; i < rounds; ++i) {\n"
    "        x ^= x << 13; x ^= x >> 7; x ^= x << 17;\n"
    "    }\n"
    "    out[0] = x;\n"
    "}\n";

void cl_open(struct Cl* cl) {
    cl_platform_id platform = NULL;
    cl_uint count = 0;
    if (clGetPlatformIDs(1, &platform, &count) != CL_SUCCESS || count == 0) exit(kNoPlatform);
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &cl->device, &count) != CL_SUCCESS) {
        exit(kNoPlatform);
    }
    cl_int status = CL_SUCCESS;
    cl->context = clCreateContext(NULL, 1, &cl->device, NULL, NULL, &status);
    MUST(status);
    const char* source = kSource;
    cl->program = clCreateProgramWithSource(cl->context, 1, &source, NULL, &status);
    MUST(status);
    MUST(clBuildProgram(cl->program, 1, &cl->device, "", NULL, NULL));
    cl->scale = clCreateKernel(cl->program, "scale", &status);
    MUST(status);
    cl->spin = clCreateKernel(cl->program, "spin", &status);
    MUST(status);
}

void cl_close(struct Cl* cl) {
    MUST(clReleaseKernel(cl->spin));
    MUST(clReleaseKernel(cl->scale));
    MUST(clReleaseProgram(cl->program));
    MUST(clReleaseContext(cl->context));
}

void spin(struct Cl* cl, cl_command_queue queue, cl_mem out, cl_ulong rounds) {
    const size_t one = 1;
    MUST(clSetKernelArg(cl->spin, 0, sizeof out, &out));
    MUST(clSetKernelArg(cl->spin, 1, sizeof rounds, &rounds));
    MUST(clEnqueueNDRangeKernel(queue, cl->spin, 1, NULL, &one, &one, 0, NULL, NULL));
}

double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

cl_ulong rounds_for_ms(struct Cl* cl, cl_command_queue queue, double ms) {
    cl_int status = CL_SUCCESS;
    cl_mem out = clCreateBuffer(cl->context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    spin(cl, queue, out, 1000);
    MUST(clFinish(queue));
    const cl_ulong rounds = 5000000;
    /* The least of some tries: on a loaded machine one may take many times as long as it works, and
     * kernels made after that would be too short to keep the device busy. */
    double least_ms = 0;
    for (int i = 0; i < 5; ++i) {
        const double start = seconds_now();
        spin(cl, queue, out, rounds);
        MUST(clFinish(queue));
        const double took_ms = (seconds_now() - start) * 1e3;
        if (i == 0 || took_ms < least_ms) least_ms = took_ms;
    }
    MUST(clReleaseMemObject(out));
    return (cl_ulong)((double)rounds * ms / least_ms) + 1;
}
