/* What the OpenCL test programs share. They are plain C, as most programs that use OpenCL are. */
#pragma once

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>

#include <stdio.h>
#include <stdlib.h>

enum { kNoPlatform = 77 };

#define MUST(call)                                                                      \
    do {                                                                                \
        const cl_int must_status = (call);                                              \
        if (must_status != CL_SUCCESS) {                                                \
            fprintf(stderr, "%s:%d: %s: %d\n", __FILE__, __LINE__, #call, must_status); \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

struct Cl {
    cl_device_id device;
    cl_context context;
    cl_program program;
    cl_kernel scale; /* data[i] = data[i] * factor + i */
    cl_kernel spin;  /* out[0] = a value that takes `rounds` dependent steps */
};

/* The first device of the first platform. Ends the program with kNoPlatform if there is none. */
void cl_open(struct Cl* cl);
void cl_close(struct Cl* cl);

/* Steps of `spin` that take about this long on this machine. */
cl_ulong rounds_for_ms(struct Cl* cl, cl_command_queue queue, double ms);

/* Enqueues `spin` on one work item; `out` is a buffer of 8 bytes. */
void spin(struct Cl* cl, cl_command_queue queue, cl_mem out, cl_ulong rounds);

double seconds_now(void);
