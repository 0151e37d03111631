// The driver library's own calls of ioctl(), seen from the inside: its import of that one function
// is led through Headway. Only the driver's: every other library keeps the C library's.
//
// Not by exporting a function of that name: the driver is bound deeply (driver_search.cc), so it
// would not see it, and the whole process would pay for what only the driver is asked.
#pragma once

#include "device/channel_groups.h"

#include <cstdint>

namespace headway::gpu {

// The channel groups that the driver has made in this process.
device::ChannelGroups& channel_groups() noexcept;

// The timeslice that a process which is in the way asks for, from HEADWAY_TIMESLICE_US: "auto"
// (20), "off" (0), or a number of microseconds. Read once.
std::uint32_t timeslice_us() noexcept;

// Leads the import of the opened driver through Headway. False: the driver imports no ioctl (a
// stand-in), its table cannot be written, or timeslice_us() is 0. Thread-safe; acts once.
bool watch_driver_ioctl(void* driver_handle) noexcept;

}  // namespace headway::gpu
