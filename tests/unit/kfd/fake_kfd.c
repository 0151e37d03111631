/* The kernel's driver: an ioctl() that notes what it was asked, for a library that is linked to
 * this one. What a test reads and sets is exported. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#define EXPORT __attribute__((visibility("default")))
#define CALLS_MAX 64

struct call {
    int fd;
    unsigned long request;
    unsigned char argument[128];
};

EXPORT struct call fake_kfd_calls[CALLS_MAX];
EXPORT int fake_kfd_call_count = 0;
EXPORT int fake_kfd_error = 0; /* what calls fail with; 0: they succeed */

EXPORT int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);
    if (fake_kfd_call_count < CALLS_MAX) {
        struct call* call = &fake_kfd_calls[fake_kfd_call_count++];
        size_t bytes = _IOC_SIZE(request);
        call->fd = fd;
        call->request = request;
        if (bytes > sizeof(call->argument)) bytes = sizeof(call->argument);
        if (argument != 0) memcpy(call->argument, argument, bytes);
    }
    errno = fake_kfd_error;
    return fake_kfd_error != 0 ? -1 : 0;
}
