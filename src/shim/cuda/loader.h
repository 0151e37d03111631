// The dlopen and dlmopen that the program calls, and the way around them.
#pragma once

namespace headway::cuda {

// The driver's name for the loader, and ours.
inline constexpr char kDriverName[] = "libcuda.so.1";

// The C library's dlopen, without our rewriting. Null with dlerror() set on failure.
void* call_real_dlopen(const char* path, int flags) noexcept;

}  // namespace headway::cuda
