// The OpenCL functions below this layer: those of the next layer, or of the ICD loader itself. The
// layer calls nothing else, so its own calls never come back to it.
#pragma once

#include <CL/cl_icd.h>

namespace headway::opencl {

// Null before the loader has initialised the layer; then never changes. A function that the loader
// does not have is null in it.
const cl_icd_dispatch* target() noexcept;

}  // namespace headway::opencl
