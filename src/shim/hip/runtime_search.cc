#include "shim/hip/runtime_search.h"

#include "base/say.h"
#include "shim/gpu/loader.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headway::gpu {

namespace {

constexpr char kStem[] = "libamdhip64.so";

// Copied: what dl_iterate_phdr shows is the loader's only while it is called back.
struct LoadedRuntime {
    char path[PATH_MAX];
};

int note_runtime(dl_phdr_info* object, std::size_t, void* argument) noexcept {
    const char* const path = object->dlpi_name;
    if (path == nullptr) return 0;
    const char* const slash = std::strrchr(path, '/');
    if (!is_runtime_name(slash != nullptr ? slash + 1 : path)) return 0;
    auto* const found = static_cast<LoadedRuntime*>(argument);
    std::snprintf(found->path, sizeof(found->path), "%s", path);
    return 1;
}

void* open_loaded(const char* path) noexcept {
    return call_real_dlopen(path, RTLD_NOW | RTLD_NOLOAD);
}

// Ignored in a set-user-id program, as the loader ignores LD_LIBRARY_PATH there.
void* open_named_by_user() noexcept {
    const char* const path = secure_getenv("HEADWAY_HIP_RUNTIME");
    if (path == nullptr || *path == '\0') return nullptr;
    void* const handle = call_real_dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr && dlsym(handle, "hipInit") != nullptr) return handle;
    if (handle != nullptr) dlclose(handle);
    say_once("HEADWAY_HIP_RUNTIME=%s is not a HIP runtime; looking for the loaded one", path);
    return nullptr;
}

}  // namespace

bool is_runtime_name(const char* file_name) noexcept {
    if (std::strncmp(file_name, kStem, sizeof(kStem) - 1) != 0) return false;
    const char* const rest = file_name + sizeof(kStem) - 1;
    if (*rest == '\0') return true;
    return *rest == '.' && rest[std::strspn(rest, ".0123456789")] == '\0';
}

void* find_runtime(const char* hint) noexcept {
    if (void* const handle = open_named_by_user(); handle != nullptr) return handle;
    if (hint != nullptr) {
        if (void* const handle = open_loaded(hint); handle != nullptr) return handle;
    }
    LoadedRuntime found{};
    if (dl_iterate_phdr(&note_runtime, &found) == 0) return nullptr;
    return open_loaded(found.path);
}

}  // namespace headway::gpu
