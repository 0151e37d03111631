// The lanes of this process on its OpenCL devices: which one a call belongs to.
#pragma once

#include "base/status.h"
#include "gate/shared_lane.h"
#include "shim/gpu/completion.h"

#include <CL/cl.h>

namespace headway::opencl {

using gpu::Completion;
using gpu::completion_of;

// The lane that work for `device` belongs to: the one that the calling thread has entered, if it is
// on that device, else the process's own lane there, which is opened on first use from the
// HEADWAY_* variables. A sub-device counts as the device that it is a part of. Null: no lane to be
// had (said once). Thread-safe. Opening may take milliseconds; it waits for no other lane.
gate::SharedLane* lane_on(cl_device_id device) noexcept;

// Whether queues on the device can be given a priority (cl_khr_priority_hints).
bool has_priority_hints(cl_device_id device) noexcept;

// The device named "opencl:N" (N counts the devices of all platforms) and its board. Errors:
// kNotFound, kUnavailable.
Status find_opencl_device(const char* name, device::Device** out_device, char* out_board) noexcept;

// Calls `visit` with every lane that the process has opened by itself.
void for_each_process_lane(void (*visit)(gate::SharedLane& lane)) noexcept;

}  // namespace headway::opencl
