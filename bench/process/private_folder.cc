#include "bench/process/private_folder.h"

#include "bench/failure.h"

#include <fmt/format.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace headway::bench {
namespace {

// How many folders nftw() keeps open at a time; a deeper tree only takes it longer.
constexpr int kOpenFolders = 16;

// What can't be removed stays; the rest is still gone through.
int remove_entry(const char* path, const struct stat*, int, FTW*) {
    std::remove(path);
    return 0;
}

}  // namespace

PrivateFolder::PrivateFolder() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "headway-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
        throw Failure(fmt::format("can't make a temporary folder: {}",
                                  error ? error.message() : std::strerror(errno)));
    }
    path_ = path;
}

PrivateFolder::~PrivateFolder() {
    // Not std::filesystem::remove_all(), which walks a folder that has something in it with
    // internal functions of libstdc++. LibTorch's wheels have parts of another libstdc++ in them,
    // which come first under the same names, so that two versions would work on one iterator.
    ::nftw(path_.c_str(), remove_entry, kOpenFolders, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

}  // namespace headway::bench
