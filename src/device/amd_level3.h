// Queue control on AMD GPUs, behind the switch HEADWAY_AMD_LEVEL3 = off | priority | percentage,
// off by default. It has never run on hardware, and says so once where it is switched on.
//
// A shim of HIP makes three calls, each of which does next to nothing while the switch is off:
//
//   1. watch_amd_queues()                   right after it has opened the HIP runtime
//      (libamdhip64), before the program's first call goes there: queues made earlier are not
//      known. Again whenever it opens another copy.
//   2. amd_queues_give_way(pci, outranked)  in its Device::give_way(), which then returns 0: there
//      is no timeslice.
//   3. forget_amd_queues()                  in the child of a fork.
#pragma once

#include "device/kfd_queues.h"

namespace headway::device {

// HEADWAY_AMD_LEVEL3, read once. Anything else than its three values is kOff, and said once.
KfdQueues::Mode amd_level3_mode() noexcept;

// Leads the ioctl() of AMD's run-time library (libhsa-runtime64, and libhsakmt where that is a
// library of its own) through Headway, in all copies that are loaded. Returns whether there is one
// that is led; false while the switch is off. Registers a function with atexit(), the first time.
// Thread-safe.
bool watch_amd_queues() noexcept;

// `pci_address` as hipDeviceGetPCIBusId() writes it. See KfdQueues::give_way(). False, and nothing
// is done, while the switch is off, or if the driver has no such GPU or has it in partitions.
bool amd_queues_give_way(const char* pci_address, bool outranked) noexcept;

// In a forked child.
void forget_amd_queues() noexcept;

// The queues of this process, whose counts a shim's line at exit may tell.
KfdQueues& amd_queues() noexcept;

}  // namespace headway::device
