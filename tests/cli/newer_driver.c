/* A driver of the future, without a device: functions that no table of today has. */
#include <sys/ioctl.h>

#define EXPORT __attribute__((visibility("default")))

int cuInit(unsigned flags);
int cuDriverGetVersion(int* version);
int cuDeviceGetCount(int* count);
int cuNothingThatIsKnown(void);
int cuLaunchByTelepathy(void);

/* CUDA_ERROR_NO_DEVICE. Its one call is what a real driver imports. */
EXPORT int cuInit(unsigned flags) {
    return ioctl(-1, flags) == 0 ? 0 : 100;
}

EXPORT int cuDriverGetVersion(int* version) {
    *version = 99000;
    return 0;
}

EXPORT int cuDeviceGetCount(int* count) {
    *count = 0;
    return 0;
}

EXPORT int cuNothingThatIsKnown(void) {
    return 0;
}

EXPORT int cuLaunchByTelepathy(void) {
    return 0;
}
