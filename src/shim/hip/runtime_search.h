// The HIP runtime of the process, libamdhip64. Unlike CUDA's driver it is not replaced by name: its
// symbols have versions, a program may bring one of its own (PyTorch's wheels do), and several
// majors are in use. The program loads it as it always would; this library, preloaded, only stands
// in front of its symbols, and looks for it among what is loaded.
#pragma once

namespace headway::gpu {

// The name under which this library is loaded (its DT_SONAME).
inline constexpr char kOwnName[] = "libheadway_hip.so";

// Whether a file's name, without folders, is one of the runtime's: libamdhip64.so, and with any
// number behind it.
bool is_runtime_name(const char* file_name) noexcept;

// A handle, never closed, of the runtime that is loaded: the file that HEADWAY_HIP_RUNTIME names
// (opened if need be), else the file `hint` if that is loaded, else the first that the loader has.
// Null: none is. Loads nothing by itself otherwise. Thread-safe. Blocks as dlopen does.
void* find_runtime(const char* hint) noexcept;

}  // namespace headway::gpu
