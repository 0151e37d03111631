// Who opens the runtime by name and looks its functions up in the handle (Triton, ctypes) would
// pass this library by. So the runtime is opened as asked, and the program is given a handle of
// this library, which has all of the table's functions.
#include "shim/gpu/driver.h"
#include "shim/gpu/loader.h"
#include "shim/hip/runtime_search.h"

#include <dlfcn.h>

#include <cstring>

namespace headway::gpu {

const char* choose_name(const char* name, int flags) noexcept {
    if (name == nullptr) return name;
    const char* const slash = std::strrchr(name, '/');
    if (!is_runtime_name(slash != nullptr ? slash + 1 : name) || disabled()) return name;
    // Fails where only the caller's own search path leads to it: then the program gets the
    // runtime's handle, and what it looks up there is not scheduled.
    void* const handle = call_real_dlopen(name, flags);
    if (handle == nullptr) return name;
    const bool ours = driver_available(name) && driver_handle() == handle;
    // Kept open, so that it stays as long as the handle that the program gets, or longer; but what
    // was only asked for (RTLD_NOLOAD) keeps its count, and so does a second runtime of another
    // file, which is the program's own.
    if (!ours || (flags & RTLD_NOLOAD) != 0) dlclose(handle);
    return ours ? kOwnName : name;
}

}  // namespace headway::gpu
