/* A driver with one device that does nothing, to time the way to it. */
#define EXPORT __attribute__((visibility("default")))

int cuInit(unsigned flags);
int cuLaunchKernel(void);
int cuCtxGetDevice(int* device);
int cuDeviceGet(int* device, int ordinal);
int cuDeviceGetCount(int* count);
int cuDeviceGetUuid_v2(unsigned char* uuid, int device);

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
