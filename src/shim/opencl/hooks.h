// The functions that the layer puts in front of the target's.
#pragma once

#include <CL/cl_icd.h>

namespace headway::opencl {

// Each enters its functions into the table that the loader gets. A function that the target does
// not have stays null there.
void hook_enqueues(cl_icd_dispatch* table) noexcept;
void hook_observers(cl_icd_dispatch* table) noexcept;

// What clGetExtensionFunctionAddress* should answer for `name`, where the platform answered
// `address`: the layer's own function for work that it gates, or `address`.
void* lead_look_up(const char* name, void* address) noexcept;

}  // namespace headway::opencl
