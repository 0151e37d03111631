#include "cli/find_bench.h"

#include <limits.h>
#include <unistd.h>

namespace headway::cli {
namespace {

// The folder that this program lies in, or "".
std::string own_folder() {
    char path[PATH_MAX];
    const ssize_t bytes = ::readlink("/proc/self/exe", path, sizeof path - 1);
    if (bytes <= 0) return {};
    const std::string self(path, static_cast<std::size_t>(bytes));
    return self.substr(0, self.rfind('/'));
}

}  // namespace

// A copy beside this program is of the same build, so it comes before one in the path.
std::string find_bench() {
    const std::string folder = own_folder();
    for (const char* place : {"/headway-bench", "/../libexec/headway/headway-bench"}) {
        std::string path = folder + place;
        if (!folder.empty() && ::access(path.c_str(), X_OK) == 0) return path;
    }
    return "headway-bench";
}

}  // namespace headway::cli
