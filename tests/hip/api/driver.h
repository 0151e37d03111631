/* The victims' driver calls as HIP has them: the same programs, written for CUDA's driver API, are
 * programs for AMD's runtime. */
#ifndef HEADWAY_TESTS_HIP_DRIVER_H
#define HEADWAY_TESTS_HIP_DRIVER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    unsigned x, y, z;
} Dim3;

#define VICTIM_DEVICE "hip:0"
#define VICTIM_LIBRARY "libamdhip64.so"

#define cuInit hipInit
#define cuDeviceGet hipDeviceGet
#define cuDevicePrimaryCtxRetain hipDevicePrimaryCtxRetain
#define cuCtxSetCurrent hipCtxSetCurrent
#define cuCtxSynchronize hipDeviceSynchronize
#define cuModuleLoadData hipModuleLoadData
#define cuModuleGetFunction hipModuleGetFunction
#define cuLaunchKernel hipModuleLaunchKernel
#define cuLaunchHostFunc hipLaunchHostFunc
#define cuStreamCreate hipStreamCreateWithFlags
#define cuStreamCreateWithPriority hipStreamCreateWithPriority
#define cuStreamGetPriority hipStreamGetPriority
#define cuStreamDestroy_v2 hipStreamDestroy
#define cuStreamQuery hipStreamQuery
#define cuStreamSynchronize hipStreamSynchronize
#define cuStreamSynchronize_ptsz hipStreamSynchronize_spt
#define cuStreamBeginCapture_v2 hipStreamBeginCapture
#define cuStreamEndCapture hipStreamEndCapture
#define cuStreamWaitEvent hipStreamWaitEvent
#define cuEventCreate hipEventCreateWithFlags
#define cuEventRecord hipEventRecord
#define cuEventQuery hipEventQuery
#define cuEventSynchronize hipEventSynchronize
#define cuEventDestroy_v2 hipEventDestroy
#define cuGraphInstantiateWithFlags hipGraphInstantiateWithFlags
#define cuGraphLaunch hipGraphLaunch
#define cuMemAlloc_v2 hipMalloc
#define cuMemcpyHtoD_v2 hipMemcpyHtoD
#define cuMemcpyDtoHAsync_v2 hipMemcpyDtoHAsync
#define cuMemsetD32Async hipMemsetD32Async
#define cuGetProcAddress_v2 hipGetProcAddress

#include "tests/shim/victims/driver_calls.h"

int hipLaunchKernel(
    const void* kernel, Dim3 grid, Dim3 block, void** arguments, size_t shared, Handle stream);
int hipLaunchKernel_spt(
    const void* kernel, Dim3 grid, Dim3 block, void** arguments, size_t shared, Handle stream);
int hipMemset(void* address, int value, size_t bytes);
int hipDeviceReset(void);
int hipGetDeviceCount(int* count);

/* hipModuleLaunchKernel has no such form; the runtime's launch has. */
static inline int cuLaunchKernel_ptsz(Handle function,
                                      unsigned grid_x,
                                      unsigned grid_y,
                                      unsigned grid_z,
                                      unsigned block_x,
                                      unsigned block_y,
                                      unsigned block_z,
                                      unsigned shared_bytes,
                                      Handle stream,
                                      void** parameters,
                                      void** extra) {
    const Dim3 grid = {grid_x, grid_y, grid_z};
    const Dim3 block = {block_x, block_y, block_z};
    (void)extra;
    return hipLaunchKernel_spt(function, grid, block, parameters, shared_bytes, stream);
}

#endif
