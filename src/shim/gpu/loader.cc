// dlopen and dlmopen: programs that ask for the driver get this library, under every name they use
// for it. Everything else must behave as if we were not there, so the entry points (forwarders_*.S)
// only let headway_loader_name() exchange the name and then jump into the C library with the
// caller's return address in place.
#include "shim/gpu/loader.h"

#include <dlfcn.h>

#include <atomic>

extern "C" {
// What the entry points jump to; set by headway_loader_name*() before they return.
extern void* headway_real_dlopen;
extern void* headway_real_dlmopen;
}

namespace headway::gpu {
namespace {

using DlopenFunction = void* (*)(const char*, int);

// For a C library without these functions, which then nobody can call with success.
void* no_dlopen(const char*, int) noexcept {
    return nullptr;
}

void* no_dlmopen(Lmid_t, const char*, int) noexcept {
    return nullptr;
}

void* next_function(void*& cache, const char* name, void* fallback) noexcept {
    const std::atomic_ref<void*> function(cache);
    void* found = function.load(std::memory_order_acquire);
    if (found != nullptr) return found;
    found = dlsym(RTLD_NEXT, name);
    if (found == nullptr) found = fallback;
    function.store(found, std::memory_order_release);
    return found;
}

}  // namespace

void* call_real_dlopen(const char* path, int flags) noexcept {
    void* const function =
        next_function(headway_real_dlopen, "dlopen", reinterpret_cast<void*>(&no_dlopen));
    return reinterpret_cast<DlopenFunction>(function)(path, flags);
}

extern "C" const char* headway_loader_name(const char* name, int flags) noexcept {
    next_function(headway_real_dlopen, "dlopen", reinterpret_cast<void*>(&no_dlopen));
    return choose_name(name, flags);
}

// A namespace of its own has no copy of us: there the program gets the driver, unscheduled.
extern "C" const char* headway_loader_name_in(Lmid_t space, const char* name, int flags) noexcept {
    next_function(headway_real_dlmopen, "dlmopen", reinterpret_cast<void*>(&no_dlmopen));
    return space == LM_ID_BASE ? choose_name(name, flags) : name;
}

}  // namespace headway::gpu
