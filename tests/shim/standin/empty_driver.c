/* A driver with one device that does nothing, and has done it at once: to time the way to it. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

int cuInit(unsigned flags);
int cuLaunchKernel(void);
int cuCtxGetDevice(int* device);
int cuDeviceGet(int* device, int ordinal);
int cuDeviceGetCount(int* count);
int cuDeviceGetUuid_v2(unsigned char* uuid, int device);
int cuMemHostRegister_v2(void* page, size_t bytes, unsigned flags);
int cuMemHostUnregister(void* page);
int cuMemHostGetDevicePointer_v2(uint64_t* address, void* page, unsigned flags);
int cuStreamWriteValue32_v2(void* stream, uint64_t address, uint32_t value, unsigned flags);
int cuStreamIsCapturing(void* stream, int* status);

EXPORT int cuInit(unsigned flags) {
    return flags == 0 ? 0 : 1;
}

EXPORT int cuLaunchKernel(void) {
    return 0;
}

EXPORT int cuCtxGetDevice(int* device) {
    *device = 0;
    return 0;
}

EXPORT int cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return 0;
}

EXPORT int cuDeviceGetCount(int* count) {
    *count = 1;
    return 0;
}

EXPORT int cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
    for (int i = 0; i < 16; ++i)
        uuid[i] = (unsigned char)(device + 1);
    return 0;
}

EXPORT int cuMemHostRegister_v2(void* page, size_t bytes, unsigned flags) {
    return page != NULL && bytes != 0 && flags != 0 ? 0 : 1;
}

EXPORT int cuMemHostUnregister(void* page) {
    return page != NULL ? 0 : 1;
}

EXPORT int cuMemHostGetDevicePointer_v2(uint64_t* address, void* page, unsigned flags) {
    *address = (uint64_t)(uintptr_t)page;
    return flags == 0 ? 0 : 1;
}

/* All earlier work of the stream is done. */
EXPORT int cuStreamWriteValue32_v2(void* stream, uint64_t address, uint32_t value, unsigned flags) {
    (void)stream;
    (void)flags;
    __atomic_store_n((uint32_t*)(uintptr_t)address, value, __ATOMIC_RELEASE);
    return 0;
}

EXPORT int cuStreamIsCapturing(void* stream, int* status) {
    (void)stream;
    *status = 0;
    return 0;
}
