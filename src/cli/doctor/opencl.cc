// OpenCL's ICD loader, its platforms, and the layer that schedules what programs enqueue.
#include "base/library_path.h"
#include "cli/doctor/probe.h"
#include "cli/doctor/sections.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <limits.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

namespace headway::doctor {
namespace {

constexpr const char* kLoader = "libOpenCL.so.1";
constexpr const char* kLayer = "libheadway_opencl.so";
constexpr unsigned kPlatformCountMax = 16;
constexpr unsigned kPlatformName = 0x0902;  // CL_PLATFORM_NAME

std::string find_layer() {
    char path[PATH_MAX];
    return find_own_library(kLayer, path, sizeof path) ? path : "";
}

int note_loader(dl_phdr_info* info, std::size_t, void* out) {
    if (std::strstr(info->dlpi_name, "/libOpenCL.so") != nullptr) {
        *static_cast<std::string*>(out) = info->dlpi_name;
    }
    return 0;
}

// The names of the platforms, one a line. Needs no headers of OpenCL: two functions, with plain
// types.
std::string platform_names(void* loader) {
    using GetIds = int (*)(unsigned, void**, unsigned*);
    using GetInfo = int (*)(void*, unsigned, std::size_t, void*, std::size_t*);
    const auto get_ids = reinterpret_cast<GetIds>(::dlsym(loader, "clGetPlatformIDs"));
    const auto get_info = reinterpret_cast<GetInfo>(::dlsym(loader, "clGetPlatformInfo"));
    void* platforms[kPlatformCountMax] = {};
    unsigned count = 0;
    if (get_ids == nullptr || get_info == nullptr ||
        get_ids(kPlatformCountMax, platforms, &count) != 0) {
        return "";
    }
    std::string names;
    for (unsigned i = 0; i < std::min(count, kPlatformCountMax); ++i) {
        char name[128] = "";
        if (get_info(platforms[i], kPlatformName, sizeof name, name, nullptr) == 0) {
            names += std::string(name) + "\n";
        }
    }
    return names;
}

// In a child, whose loader has been told of the layer: the path of the loader, whether it has
// loaded the layer, and the names of the platforms; or "none". Platforms start threads, and may
// crash.
std::string probe_loader() {
    const std::string layer = find_layer();
    ::setenv("OPENCL_LAYERS", layer.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
    void* const loader = ::dlopen(kLoader, RTLD_NOW | RTLD_LOCAL);
    if (loader == nullptr) return "none";
    std::string path = kLoader;
    ::dl_iterate_phdr(note_loader, &path);
    const std::string names = platform_names(loader);
    const bool layered = ::dlopen(layer.c_str(), RTLD_NOW | RTLD_NOLOAD) != nullptr;
    return path + "\n" + (layered ? "layers" : "plain") + "\n" + names;
}

Finding loader_finding(const std::string& path, bool layered) {
    if (layered) return {"ICD loader", State::kOk, path + " loads Headway's layer", ""};
    return {
        "ICD loader",
        State::kProblem,
        path + " knows no layers (OPENCL_LAYERS): programs that use it run, unscheduled",
        "install Debian's ocl-icd-libopencl1 (2.3 or newer), or Khronos's loader with layers; or "
        "set HEADWAY_OPENCL_PRELOAD=1 for headway run, where the program is linked with it"};
}

}  // namespace

Section examine_opencl() {
    Section section{"OpenCL", {}};
    const std::string layer = find_layer();
    if (layer.empty()) {
        section.findings.push_back({"layer",
                                    State::kMissing,
                                    "this build has none: OpenCL's headers were not there",
                                    "install opencl-headers and build again"});
        return section;
    }
    section.findings.push_back({"layer", State::kOk, layer, ""});
    const ProbeReply reply = run_probe(probe_loader, 20);
    if (!reply.finished) {
        section.findings.push_back({"ICD loader",
                                    State::kProblem,
                                    "asking it for its platforms crashes or hangs: " + reply.text,
                                    ""});
        return section;
    }
    if (reply.text == "none") {
        section.findings.push_back(
            {"ICD loader", State::kMissing, "there is no libOpenCL.so.1 here", ""});
        return section;
    }
    std::istringstream lines(reply.text);
    std::string path;
    std::string kind;
    std::getline(lines, path);
    std::getline(lines, kind);
    std::size_t platforms = 0;
    for (std::string name; std::getline(lines, name);) {
        section.findings.push_back({"platform", State::kOk, name, ""});
        ++platforms;
    }
    // Without a platform a loader may have had no reason to load its layers.
    if (platforms == 0) {
        section.findings.push_back(
            {"platform", State::kMissing, "OpenCL has no platform here", ""});
        return section;
    }
    section.findings.push_back(loader_finding(path, kind == "layers"));
    return section;
}

}  // namespace headway::doctor
