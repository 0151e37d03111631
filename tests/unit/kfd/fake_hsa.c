/* A library that talks to the kernel's driver as AMD's run-time library does: by ioctl(). */
#include <sys/ioctl.h>

__attribute__((visibility("default"))) int fake_hsa_ioctl(int fd,
                                                          unsigned long request,
                                                          void* argument) {
    return ioctl(fd, request, argument);
}
