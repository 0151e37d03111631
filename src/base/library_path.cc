#include "base/library_path.h"

#include <limits.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace headway {

namespace {

constexpr const char* kFolders[] = {
    "lib",
    "lib/headway",
    "lib64/headway",
    "lib/x86_64-linux-gnu/headway",
    "lib/aarch64-linux-gnu/headway",
};

// The folder above the one that holds the running program: PREFIX of PREFIX/bin/program.
bool read_prefix(char* out, std::size_t bytes) noexcept {
    const ssize_t length = ::readlink("/proc/self/exe", out, bytes - 1);
    if (length <= 0) return false;
    out[length] = '\0';
    for (int level = 0; level < 2; ++level) {
        char* const slash = std::strrchr(out, '/');
        if (slash == nullptr) return false;
        *slash = '\0';
    }
    return true;
}

}  // namespace

bool find_own_library(const char* file, char* out, std::size_t bytes) noexcept {
    char prefix[PATH_MAX];
    if (!read_prefix(prefix, sizeof(prefix))) return false;
    for (const char* folder : kFolders) {
        const int length = std::snprintf(out, bytes, "%s/%s/%s", prefix, folder, file);
        if (length < 0 || static_cast<std::size_t>(length) >= bytes) return false;
        if (::access(out, R_OK) == 0) return true;
    }
    return false;
}

}  // namespace headway
