/* The kernel driver's resource manager, as far as timeslices go: an ioctl() that answers instead of
 * the C library's, for a library that is linked to this one first. Objects are not checked; one
 * timeslice for all groups. What a test reads and sets is exported. */
#include <linux/ioctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT uint64_t fake_rm_timeslice_us = 2048;
EXPORT int fake_rm_set_count = 0;
EXPORT uint32_t fake_rm_last_group = 0;
EXPORT uint32_t fake_rm_control_status = 0; /* what controls answer; 0: done */
EXPORT int fake_rm_ignores_set = 0;         /* answers, and does nothing */

struct control {
    uint32_t client, object, command, flags;
    uint64_t parameters;
    uint32_t bytes, status;
};

static void answer_control(struct control* control) {
    uint64_t* us = (uint64_t*)(uintptr_t)control->parameters;
    control->status = fake_rm_control_status;
    if (control->status != 0) return;
    switch (control->command) {
        case 0xA06C0103:
            fake_rm_set_count += 1;
            fake_rm_last_group = control->object;
            if (!fake_rm_ignores_set) fake_rm_timeslice_us = *us;
            break;
        case 0xA06C0104:
            *us = fake_rm_timeslice_us;
            break;
        case 0x2080014A:
            /* The UUID ends with the subdevice's handle. */
            snprintf((char*)us + 12,
                     256,
                     "GPU-00000000-0000-0000-0000-%012x",
                     (unsigned)control->object);
            break;
        default:
            control->status = 0x56; /* not supported */
    }
}

EXPORT int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);
    if (fd < 0) return -1;
    if (_IOC_TYPE(request) == 'F' && _IOC_NR(request) == 0x2A) answer_control(argument);
    return 0;
}
