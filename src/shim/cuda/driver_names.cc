// Under which names programs open the driver. dlopen("libcuda.so.1") finds us without any help,
// because that is our DT_SONAME. What needs help is "libcuda.so" and paths to the driver's file.
#include "shim/cuda/driver_search.h"
#include "shim/gpu/driver.h"
#include "shim/gpu/loader.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstring>

namespace headway::gpu {
namespace {

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

}  // namespace

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

}  // namespace headway::gpu
