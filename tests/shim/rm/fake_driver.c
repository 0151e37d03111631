/* A library that talks to the resource manager as NVIDIA's user library does: by ioctl(). */
#include <linux/ioctl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#define EXPORT __attribute__((visibility("default")))

struct alloc {
    uint32_t client, parent, object, object_class;
    uint64_t parameters, rights;
    uint32_t bytes, flags, status, padding;
};

struct old_alloc {
    uint32_t client, parent, object, object_class;
    uint64_t parameters;
    uint32_t bytes, status;
};

struct transfer {
    uint32_t number, bytes;
    uint64_t argument;
};

struct free_call {
    uint32_t client, parent, object, status;
};

static struct alloc make(uint32_t parent,
                         uint32_t object,
                         uint32_t object_class,
                         void* parameters) {
    struct alloc call;
    memset(&call, 0, sizeof(call));
    call.client = 1;
    call.parent = parent;
    call.object = object;
    call.object_class = object_class;
    call.parameters = (uint64_t)(uintptr_t)parameters;
    return call;
}

/* Device 2 with a subdevice. */
EXPORT int fake_open_device(int fd, uint32_t subdevice) {
    struct alloc device = make(1, 2, 0x80, 0);
    struct alloc sub = make(2, subdevice, 0x2080, 0);
    ioctl(fd, _IOWR('F', 0x2B, struct alloc), &device);
    return ioctl(fd, _IOWR('F', 0x2B, struct alloc), &sub);
}

/* A channel group of device 2, by the form of the call: 0 new, 1 old, 2 carried by another. */
EXPORT int fake_make_group(int fd, uint32_t group, uint32_t engine, uint32_t status, int form) {
    uint32_t parameters[5] = {0, 0, 0, engine, 0};
    struct alloc call = make(2, group, 0xA06C, parameters);
    struct old_alloc old = {1, 2, group, 0xA06C, call.parameters, 0, status};
    struct transfer carried = {0x2B, sizeof(call), (uint64_t)(uintptr_t)&call};
    call.status = status;
    if (form == 1) return ioctl(fd, _IOWR('F', 0x2B, struct old_alloc), &old);
    if (form == 2) return ioctl(fd, _IOWR('F', 211, struct transfer), &carried);
    return ioctl(fd, _IOWR('F', 0x2B, struct alloc), &call);
}

EXPORT int fake_free(int fd, uint32_t object) {
    struct free_call call = {1, 2, object, 0};
    return ioctl(fd, _IOWR('F', 0x29, struct free_call), &call);
}
