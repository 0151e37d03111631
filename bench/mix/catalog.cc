#include "bench/mix/catalog.h"

#include "base/library_path.h"
#include "bench/failure.h"

#include <fmt/format.h>
#include <limits.h>

#include <algorithm>
#include <filesystem>

namespace headway::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKnownFile = "mixes/programs/member.py";

}  // namespace

std::string mix_programs_folder() {
    char path[PATH_MAX];
    if (find_own_library(kKnownFile, path, sizeof(path))) return fs::path(path).parent_path();
    throw Failure(
        "the workloads of mix are not beside headway-bench; build or install them together");
}

std::string mixes_folder() {
    return fs::path(mix_programs_folder()).parent_path();
}

std::vector<std::string> mix_names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(mixes_folder())) {
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string find_mix(const std::string& name_or_file) {
    if (fs::path(name_or_file).extension() == ".toml") return name_or_file;
    const std::vector<std::string> names = mix_names();
    if (std::find(names.begin(), names.end(), name_or_file) == names.end()) {
        throw Failure(fmt::format("--workload: there is no workload {}; there are: {}, or the path "
                                  "of a file that ends in .toml",
                                  name_or_file,
                                  fmt::join(names, ", ")),
                      kExitBadArguments);
    }
    return fs::path(mixes_folder()) / (name_or_file + ".toml");
}

}  // namespace headway::bench
