#include "shim/cuda/driver_search.h"

#include "base/env.h"
#include "base/say.h"
#include "shim/cuda/ld_cache.h"
#include "shim/gpu/loader.h"

#include <climits>

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace headway::gpu {
namespace {

// Directories of distributions, containers and other set-ups, for systems whose loader cache has no
// driver.
#if defined(__x86_64__)
constexpr const char* kKnownDirectories[] = {"/usr/lib/x86_64-linux-gnu",
                                             "/lib/x86_64-linux-gnu",
                                             "/usr/lib64",
                                             "/usr/lib/x86_64-linux-gnu/nvidia/current",
                                             "/usr/local/nvidia/lib64",
                                             "/usr/local/nvidia/lib",
                                             "/usr/lib/wsl/lib",
                                             "/run/opengl-driver/lib",
                                             "/usr/local/cuda/compat"};
#else
constexpr const char* kKnownDirectories[] = {"/usr/lib/aarch64-linux-gnu",
                                             "/lib/aarch64-linux-gnu",
                                             "/usr/lib64",
                                             "/usr/lib/aarch64-linux-gnu/nvidia",
                                             "/usr/lib/aarch64-linux-gnu/tegra",
                                             "/usr/local/nvidia/lib64",
                                             "/run/opengl-driver/lib",
                                             "/usr/local/cuda/compat"};
#endif

void* open_in(const char* directory) noexcept {
    char path[PATH_MAX];
    const int bytes = std::snprintf(path, sizeof(path), "%s/%s", directory, kDriverName);
    if (bytes < 0 || static_cast<std::size_t>(bytes) >= sizeof(path)) return nullptr;
    return open_driver_file(path);
}

// The directories that the loader would search for the program itself.
class SearchPath {
 public:
    SearchPath() noexcept {
        void* const program = call_real_dlopen(nullptr, RTLD_LAZY);
        Dl_serinfo size{};
        if (program == nullptr || dlinfo(program, RTLD_DI_SERINFOSIZE, &size) != 0) return;
        info_ = static_cast<Dl_serinfo*>(std::calloc(1, size.dls_size));
        if (info_ == nullptr) return;
        info_->dls_size = size.dls_size;
        info_->dls_cnt = size.dls_cnt;
        if (dlinfo(program, RTLD_DI_SERINFO, info_) == 0) count_ = info_->dls_cnt;
    }

    SearchPath(const SearchPath&) = delete;
    SearchPath& operator=(const SearchPath&) = delete;
    SearchPath(SearchPath&&) = delete;
    SearchPath& operator=(SearchPath&&) = delete;

    ~SearchPath() { std::free(info_); }

    // Tries either the loader's default directories, or all the others.
    void* open_first(bool default_ones) const noexcept {
        for (unsigned i = 0; i < count_; ++i) {
            const Dl_serpath& path = info_->dls_serpath[i];
            if ((path.dls_flags == LA_SER_DEFAULT) != default_ones) continue;
            if (void* const handle = open_in(path.dls_name); handle != nullptr) return handle;
        }
        return nullptr;
    }

 private:
    Dl_serinfo* info_ = nullptr;
    unsigned count_ = 0;
};

// HEADWAY_CUDA_DRIVER. Ignored in a set-user-id program, as the loader ignores LD_LIBRARY_PATH
// there.
void* open_named_by_user() noexcept {
    const char* const path = secure_getenv("HEADWAY_CUDA_DRIVER");
    if (path == nullptr || *path == '\0') return nullptr;
    void* const handle = open_driver_file(path);
    if (handle == nullptr) {
        say_once("HEADWAY_CUDA_DRIVER=%s is not a CUDA driver; looking for the installed one",
                 path);
    }
    return handle;
}

}  // namespace

void* open_driver_file(const char* path) noexcept {
    if (access(path, R_OK) != 0) return nullptr;
    // Now: a driver that cannot be bound must fail here, not in the program's first launch. Local
    // and deep: its own calls of its own functions must not come back to our forwarders of the same
    // name.
    int flags = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
    // A sanitizer's run-time library does not work in a deeply bound library and aborts on the
    // flag.
    if (dlsym(RTLD_DEFAULT, "__asan_init") != nullptr ||
        dlsym(RTLD_DEFAULT, "__tsan_init") != nullptr) {
        flags &= ~RTLD_DEEPBIND;
    }
    void* const handle = call_real_dlopen(path, flags);
    if (handle == nullptr) return nullptr;
    // A copy of Headway exports the mark; we ourselves do too, under whatever path or link.
    if (dlsym(handle, "cuInit") != nullptr && dlsym(handle, "headway_cuda_shim") == nullptr) {
        return handle;
    }
    dlclose(handle);
    return nullptr;
}

void* open_installed_driver() noexcept {
    if (void* const handle = open_named_by_user(); handle != nullptr) return handle;
    const SearchPath program;
    if (void* const handle = program.open_first(false); handle != nullptr) return handle;
    LdCache cache;
    for (const char* path = cache.next(kDriverName); path != nullptr;
         path = cache.next(kDriverName)) {
        if (void* const handle = open_driver_file(path); handle != nullptr) return handle;
    }
    if (void* const handle = program.open_first(true); handle != nullptr) return handle;
    for (const char* directory : kKnownDirectories) {
        if (void* const handle = open_in(directory); handle != nullptr) return handle;
    }
    return nullptr;
}

}  // namespace headway::gpu
