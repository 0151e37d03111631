#include "cli/doctor/nvml.h"

#include <dlfcn.h>

namespace headway::doctor {
namespace {

// 0 is success.
using Init = int (*)();
using GetVersion = int (*)(char*, unsigned);
using GetHandle = int (*)(const char*, void**);
using GetMigMode = int (*)(void*, unsigned*, unsigned*);

template <typename Function>
Function find(void* library, const char* name) {
    return library == nullptr ? nullptr : reinterpret_cast<Function>(::dlsym(library, name));
}

}  // namespace

Nvml::Nvml() {
    void* const library = ::dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    const auto init = find<Init>(library, "nvmlInit_v2");
    if (init != nullptr && init() == 0) library_ = library;
}

std::string Nvml::driver_version() const {
    char version[96] = "";
    const auto get = find<GetVersion>(library_, "nvmlSystemGetDriverVersion");
    return get != nullptr && get(version, sizeof version) == 0 ? version : "";
}

std::string Nvml::mig_of(const std::string& uuid) const {
    const auto get_handle = find<GetHandle>(library_, "nvmlDeviceGetHandleByUUID");
    const auto get_mode = find<GetMigMode>(library_, "nvmlDeviceGetMigMode");
    if (get_handle == nullptr || get_mode == nullptr) return "";
    void* device = nullptr;
    unsigned current = 0;
    unsigned pending = 0;
    if (get_handle(("GPU-" + uuid).c_str(), &device) == 0) {
        if (get_mode(device, &current, &pending) != 0) return "MIG not supported";
        return current == 0 ? "MIG off" : "MIG on";
    }
    return get_handle(("MIG-" + uuid).c_str(), &device) == 0 ? "a MIG instance" : "";
}

}  // namespace headway::doctor
