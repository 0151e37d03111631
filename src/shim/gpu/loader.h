// The dlopen and dlmopen that the program calls, and the way around them.
#pragma once

namespace headway::gpu {

// What the loader is to be asked for when the program asks for `name`: the name itself for anything
// but the driver; else a name that leads to us, or to nothing where a driver is not there. Each API
// has its own (driver_names.cc). May open the driver. The result is `name` or has static storage.
const char* choose_name(const char* name, int flags) noexcept;

// The C library's dlopen, without our rewriting. Null with dlerror() set on failure.
void* call_real_dlopen(const char* path, int flags) noexcept;

}  // namespace headway::gpu
