#include "bench/process/private_folder.h"

#include "bench/failure.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace headway::bench {

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
    std::error_code error;
    std::filesystem::remove_all(path_, error);
}

}  // namespace headway::bench
