#include "bench/process/cuda_driver.h"

#include <dlfcn.h>

#include <array>
#include <fstream>
#include <regex>

namespace headway::bench {
namespace {

// A text that the driver has about a GPU, by a function like cuDeviceGetName.
std::optional<std::string> device_text(int index, int (*get_text)(char*, int, int)) {
    auto* init = cuda_driver_function<int(unsigned)>("cuInit");
    auto* get = cuda_driver_function<int(int*, int)>("cuDeviceGet");
    if (init == nullptr || get == nullptr || get_text == nullptr) return std::nullopt;
    int device = 0;
    std::array<char, 128> text{};
    if (init(0) != 0 || get(&device, index) != 0) return std::nullopt;
    if (get_text(text.data(), static_cast<int>(text.size()), device) != 0) return std::nullopt;
    return std::string(text.data());
}

}  // namespace

void* cuda_driver_symbol(const char* name) {
    static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    return library == nullptr ? nullptr : dlsym(library, name);
}

std::optional<std::string> cuda_device_name(int index) {
    return device_text(index, cuda_driver_function<int(char*, int, int)>("cuDeviceGetName"));
}

std::optional<std::string> cuda_device_bus_id(int index) {
    return device_text(index, cuda_driver_function<int(char*, int, int)>("cuDeviceGetPCIBusId"));
}

std::optional<int> cuda_device_attribute(int index, CudaAttribute attribute) {
    auto* init = cuda_driver_function<int(unsigned)>("cuInit");
    auto* get = cuda_driver_function<int(int*, int)>("cuDeviceGet");
    auto* get_attribute = cuda_driver_function<int(int*, int, int)>("cuDeviceGetAttribute");
    if (init == nullptr || get == nullptr || get_attribute == nullptr) return std::nullopt;
    int device = 0;
    int value = 0;
    if (init(0) != 0 || get(&device, index) != 0) return std::nullopt;
    if (get_attribute(&value, static_cast<int>(attribute), device) != 0) return std::nullopt;
    return value;
}

std::optional<std::string> cuda_driver_version() {
    std::ifstream file("/proc/driver/nvidia/version");
    std::string line;
    std::smatch match;
    static const std::regex version(R"(\s(\d+\.\d+(\.\d+)?)\s)");
    if (!std::getline(file, line) || !std::regex_search(line, match, version)) return std::nullopt;
    return match[1].str();
}

std::optional<std::pair<std::size_t, std::size_t>> cuda_memory_bytes() {
    auto* get_info = cuda_driver_function<int(std::size_t*, std::size_t*)>("cuMemGetInfo_v2");
    std::size_t free = 0;
    std::size_t total = 0;
    if (get_info == nullptr || get_info(&free, &total) != 0) return std::nullopt;
    return std::pair(free, total);
}

}  // namespace headway::bench
