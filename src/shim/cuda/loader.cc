// dlopen and dlmopen: programs that ask for the driver get this library, under every name they use
// for it.
//
// dlopen("libcuda.so.1") finds us without any help, because that is our DT_SONAME. What needs help
// is "libcuda.so" and paths to the driver's file. Everything else must behave as if we were not
// there, so the entry points (forwarders_*.S) only let headway_loader_name() exchange the name and
// then jump into the C library with the caller's return address in place.
#include "shim/cuda/loader.h"

#include "shim/cuda/driver.h"
#include "shim/cuda/driver_search.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <atomic>
#include <cstddef>
#include <cstring>

extern "C" {
// What the entry points jump to; set by headway_loader_name*() before they return.
extern void* headway_real_dlopen;
extern void* headway_real_dlmopen;
}

namespace headway::cuda {
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

// libcuda.so, libcuda.so.1, libcuda.so.580.159.04
bool is_driver_name(const char* name) noexcept {
    constexpr char kStem[] = "libcuda.so";
    if (std::strncmp(name, kStem, sizeof(kStem) - 1) != 0) return false;
    const char* rest = name + sizeof(kStem) - 1;
    if (*rest == '\0') return true;
    return *rest == '.' && rest[std::strspn(rest, ".0123456789")] == '\0';
}

bool same_file(const char* path, const char* other) noexcept {
    struct stat left {};

    struct stat right {};

    if (stat(path, &left) != 0 || stat(other, &right) != 0) return false;
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

// The file that the opened driver came from, or null.
const char* driver_path() noexcept {
    link_map* map = nullptr;
    if (!driver_opened() || dlinfo(driver_handle(), RTLD_DI_LINKMAP, &map) != 0) return nullptr;
    return map->l_name;
}

// A path to the driver's own file becomes our name. A path to anything else (a stub, another
// driver) stays: the program chose that file.
const char* name_for_path(const char* path) noexcept {
    if (!driver_available(path)) return path;
    const char* const ours = driver_path();
    return ours != nullptr && same_file(path, ours) ? kDriverName : path;
}

const char* choose_name(const char* name, int flags) noexcept {
    if (name == nullptr) return name;
    const char* const slash = std::strrchr(name, '/');
    if (!is_driver_name(slash != nullptr ? slash + 1 : name)) return name;
    if (slash != nullptr) return disabled() ? name : name_for_path(name);

    const bool soname = std::strcmp(name, kDriverName) == 0;
    if (!soname && (disabled() || std::strcmp(name, "libcuda.so") != 0)) return name;
    // Without a driver the program must see dlopen fail, as it would without us. The same holds for
    // the question whether the driver is loaded already. A name with a slash cannot match our
    // DT_SONAME.
    const bool there = (flags & RTLD_NOLOAD) != 0 ? driver_opened() : driver_available();
    return there ? kDriverName : "libcuda.so.1/";
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

}  // namespace headway::cuda
