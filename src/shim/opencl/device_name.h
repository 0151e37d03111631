// The name of an OpenCL device's board: the same in every process of the machine.
#pragma once

#include <CL/cl.h>

namespace headway::opencl {

// Writes the name to `out` (board::kDeviceNameBytes). With cl_khr_device_uuid it is "GPU-<uuid>",
// the name that the same GPU has through CUDA, so that programs of both kinds see each other;
// otherwise "opencl:<platform>-<device>", with ":2" and so on from the second device of that name.
// False: the driver does not tell.
bool name_board(cl_device_id device, char* out) noexcept;

// Whether the word is in the device's list of extensions.
bool has_extension(cl_device_id device, const char* extension) noexcept;

}  // namespace headway::opencl
