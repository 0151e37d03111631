/* The few driver declarations that the victims need, under CUDA's names: each API's driver.h may
 * rename them first. */
#ifndef HEADWAY_TESTS_SHIM_VICTIMS_DRIVER_CALLS_H
#define HEADWAY_TESTS_SHIM_VICTIMS_DRIVER_CALLS_H

#include <stddef.h>
#include <stdint.h>

typedef void* Handle;

int cuInit(unsigned flags);
int cuDeviceGet(int* device, int ordinal);
int cuDevicePrimaryCtxRetain(Handle* context, int device);
int cuCtxSetCurrent(Handle context);
int cuCtxSynchronize(void);
int cuModuleLoadData(Handle* module, const void* image);
int cuModuleGetFunction(Handle* function, Handle module, const char* name);
int cuLaunchKernel(Handle function,
                   unsigned grid_x,
                   unsigned grid_y,
                   unsigned grid_z,
                   unsigned block_x,
                   unsigned block_y,
                   unsigned block_z,
                   unsigned shared_bytes,
                   Handle stream,
                   void** parameters,
                   void** extra);
int cuLaunchHostFunc(Handle stream, void (*function)(void*), void* data);
int cuStreamCreate(Handle* stream, unsigned flags);
int cuStreamCreateWithPriority(Handle* stream, unsigned flags, int priority);
int cuStreamGetPriority(Handle stream, int* priority);
int cuStreamDestroy_v2(Handle stream);
int cuStreamSynchronize(Handle stream);
int cuStreamSynchronize_ptsz(Handle stream);
int cuStreamQuery(Handle stream);
int cuStreamBeginCapture_v2(Handle stream, int mode);
int cuStreamEndCapture(Handle stream, Handle* graph);
int cuStreamWaitEvent(Handle stream, Handle event, unsigned flags);
int cuEventCreate(Handle* event, unsigned flags);
int cuEventRecord(Handle event, Handle stream);
int cuEventQuery(Handle event);
int cuEventSynchronize(Handle event);
int cuEventDestroy_v2(Handle event);
int cuGraphInstantiateWithFlags(Handle* exec, Handle graph, unsigned long long flags);
int cuGraphLaunch(Handle exec, Handle stream);
int cuMemAlloc_v2(uint64_t* address, size_t bytes);
int cuMemcpyHtoD_v2(uint64_t destination, const void* source, size_t bytes);
int cuMemcpyDtoHAsync_v2(void* destination, uint64_t source, size_t bytes, Handle stream);
int cuMemsetD32Async(uint64_t address, unsigned value, size_t count, Handle stream);
int cuGetProcAddress_v2(const char* name, void** out, int version, uint64_t flags, int* status);

#endif
