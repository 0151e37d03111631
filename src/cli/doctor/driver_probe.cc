#include "cli/doctor/driver_probe.h"

#include "base/library_path.h"
#include "cli/doctor/nvml.h"
#include "cli/doctor/probe.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <limits.h>
#include <link.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

namespace headway::doctor {
namespace {

constexpr int kProbeSeconds = 20;
constexpr int kComputeModeAttribute = 20;  // CU_DEVICE_ATTRIBUTE_COMPUTE_MODE

// The part of the CUDA driver API that the probe needs; 0 is success, and handles are numbers.
using Init = int (*)(unsigned);
using GetVersion = int (*)(int*);
using GetCount = int (*)(int*);
using GetDevice = int (*)(int*, int);
using GetName = int (*)(char*, int, int);
using GetUuid = int (*)(unsigned char*, int);
using GetAttribute = int (*)(int*, int, int);
using GetErrorName = int (*)(int, const char**);

template <typename Function>
Function find(void* library, const char* name) {
    return reinterpret_cast<Function>(::dlsym(library, name));
}

std::string find_shim() {
    char path[PATH_MAX];
    return find_own_library("libheadway_cuda.so", path, sizeof path) ? path : "";
}

// The driver may have any file name (HEADWAY_CUDA_DRIVER): it is the other library with a cuInit.
struct Search {
    const void* shim_init;
    std::string driver;
};

int look_for_driver(dl_phdr_info* info, std::size_t, void* out) {
    Search& search = *static_cast<Search*>(out);
    if (info->dlpi_name == nullptr || *info->dlpi_name == '\0') return 0;
    void* const library = ::dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) return 0;
    void* const init = ::dlsym(library, "cuInit");
    ::dlclose(library);
    Dl_info where{};
    // A library that only links to the driver finds the driver's cuInit, in another file.
    if (init == nullptr || init == search.shim_init || ::dladdr(init, &where) == 0) return 0;
    if (std::strcmp(where.dli_fname, info->dlpi_name) != 0) return 0;
    search.driver = info->dlpi_name;
    return 1;
}

std::string error_name(void* library, int error) {
    const auto get = find<GetErrorName>(library, "cuGetErrorName");
    const char* name = nullptr;
    if (get == nullptr || get(error, &name) != 0 || name == nullptr) {
        return fmt::format("error {}", error);
    }
    return fmt::format("error {} ({})", error, name);
}

std::string uuid_text(const unsigned char (&uuid)[16]) {
    std::string text;
    for (std::size_t i = 0; i < sizeof uuid; ++i) {
        text += i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";
        text += fmt::format("{:02x}", uuid[i]);
    }
    return text;
}

// A line "gpu COMPUTE-MODE UUID MIG|NAME"; UUID may be "-".
std::string describe_gpu(void* library, int ordinal, const Nvml& nvml) {
    const auto get_device = find<GetDevice>(library, "cuDeviceGet");
    const auto get_name = find<GetName>(library, "cuDeviceGetName");
    const auto get_attribute = find<GetAttribute>(library, "cuDeviceGetAttribute");
    auto get_uuid = find<GetUuid>(library, "cuDeviceGetUuid_v2");
    int device = 0;
    int mode = -1;
    char name[256] = "unnamed";
    unsigned char uuid[16] = {};
    std::string id = "-";
    if (get_device == nullptr || get_device(&device, ordinal) != 0) return "";
    if (get_name != nullptr) get_name(name, sizeof name, device);
    if (get_attribute == nullptr || get_attribute(&mode, kComputeModeAttribute, device) != 0) {
        mode = -1;
    }
    if (get_uuid == nullptr || get_uuid(uuid, device) != 0) {
        get_uuid = find<GetUuid>(library, "cuDeviceGetUuid");
        if (get_uuid != nullptr && get_uuid(uuid, device) == 0) id = uuid_text(uuid);
    } else {
        id = uuid_text(uuid);
    }
    return fmt::format("gpu {} {} {}|{}\n", mode, id, nvml.mig_of(id), name);
}

// In a child. The library finds the driver itself, as it does in a program that it is preloaded to.
std::string probe() {
    const std::string shim = find_shim();
    void* const library =
        ::dlopen(shim.empty() ? "libcuda.so.1" : shim.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return fmt::format("unloadable {}", ::dlerror());  // NOLINT(concurrency-mt-unsafe)
    }
    const auto init = find<Init>(library, "cuInit");
    const auto version = find<GetVersion>(library, "cuDriverGetVersion");
    const auto count = find<GetCount>(library, "cuDeviceGetCount");
    if (!init || !version || !count) return "unloadable it lacks the driver's entries";
    const int error = init(0);
    Search search{shim.empty() ? nullptr : reinterpret_cast<const void*>(init), ""};
    ::dl_iterate_phdr(look_for_driver, &search);
    std::string text = fmt::format("driver {}\n", search.driver);
    int number = 0;
    int devices = 0;
    if (version(&number) == 0) text += fmt::format("version {}\n", number);
    if (error != 0) return text + "error cuInit fails with " + error_name(library, error);
    if (count(&devices) != 0) return text + "error the driver does not count its devices";
    const Nvml nvml;
    text += "nvidia " + nvml.driver_version() + "\n";
    for (int device = 0; device < devices; ++device)
        text += describe_gpu(library, device, nvml);
    return text;
}

void read_gpu(const std::string& rest, DriverFacts& facts) {
    GpuFacts gpu;
    std::istringstream words(rest);
    words >> gpu.compute_mode >> gpu.uuid;
    std::getline(words >> std::ws, gpu.mig, '|');
    std::getline(words, gpu.name);
    if (gpu.uuid == "-") gpu.uuid.clear();
    facts.gpus.push_back(gpu);
}

void read_line(const std::string& line, DriverFacts& facts) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return;
    const std::string key = line.substr(0, space);
    const std::string rest = line.substr(space + 1);
    if (key == "unloadable") (facts.shim.empty() ? facts.error : facts.shim_error) = rest;
    if (key == "driver") facts.driver = rest;
    if (key == "version") facts.cuda_version = std::atoi(rest.c_str());
    if (key == "error") facts.error = rest;
    if (key == "nvidia") facts.nvidia = rest;
    if (key == "gpu") read_gpu(rest, facts);
}

}  // namespace

DriverFacts probe_driver() {
    DriverFacts facts;
    facts.shim = find_shim();
    const ProbeReply reply = run_probe(probe, kProbeSeconds);
    if (!reply.finished) {
        facts.error = reply.text;
        return facts;
    }
    std::istringstream lines(reply.text);
    for (std::string line; std::getline(lines, line);)
        read_line(line, facts);
    return facts;
}

}  // namespace headway::doctor
