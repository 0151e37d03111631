/* linux/kfd_ioctl.h includes this file of libdrm for its integer types, and for nothing else. */
#include <linux/types.h>
