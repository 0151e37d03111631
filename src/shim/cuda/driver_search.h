// Where the installed driver is. dlopen("libcuda.so.1") would give us ourselves, since that is our
// name too; so the driver is opened by its path, and the places that the loader would look at are
// tried here.
#pragma once

namespace headway::gpu {

// The driver's name for the loader, and ours.
inline constexpr char kDriverName[] = "libcuda.so.1";

// Opens the driver and returns its handle, which is never closed, or null. Tries, in this order:
//   HEADWAY_CUDA_DRIVER (a path); what the loader would search for the program itself: DT_RPATH,
//   LD_LIBRARY_PATH as it was at the start, DT_RUNPATH; /etc/ld.so.cache; the loader's default
//   directories; directories in which drivers are known to live.
// A file is taken if it loads, exports cuInit, and is not Headway (this library, a copy, another
// build). Blocks as dlopen does. Thread-safe.
void* open_installed_driver() noexcept;

// Opens the file at `path` under the same conditions; null if they do not hold.
void* open_driver_file(const char* path) noexcept;

}  // namespace headway::gpu
