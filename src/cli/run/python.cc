#include "cli/run/python.h"

#include "base/library_path.h"

#include <limits.h>
#include <stdlib.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace headway::cli {
namespace {

constexpr std::string_view kStartup = "python/headway/_startup";
constexpr const char* kFile = "python/headway/_startup/sitecustomize.py";

bool is_startup_folder(std::string_view path) {
    return path.size() >= kStartup.size() && path.substr(path.size() - kStartup.size()) == kStartup;
}

}  // namespace

void prepare_python() {
    char path[PATH_MAX];
    if (!find_own_library(kFile, path, sizeof(path))) return;
    std::string list(path);
    list.resize(list.rfind('/'));
    // PYTHONPATH splits at colons, and knows no way to quote one.
    if (list.find(':') != std::string::npos) return;
    const char* const present = ::getenv("PYTHONPATH");
    const std::string_view entries = present != nullptr ? present : "";
    // One turn per entry, also for an empty one, which means the current folder.
    for (std::size_t begin = 0; !entries.empty() && begin <= entries.size();) {
        const std::size_t end = std::min(entries.find(':', begin), entries.size());
        const std::string_view entry = entries.substr(begin, end - begin);
        // That of an outer `headway run`, maybe of another installation, has been replaced by ours.
        if (!is_startup_folder(entry)) {
            list += ':';
            list += entry;
        }
        begin = end + 1;
    }
    ::setenv("PYTHONPATH", list.c_str(), 1);
}

}  // namespace headway::cli
