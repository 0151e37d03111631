#include "bench/process/nvml.h"

#include "bench/process/cuda_driver.h"

#include <dlfcn.h>

#include <utility>

namespace headway::bench {
namespace {

// From nvml.h, which is not needed to build.
constexpr int kSuccess = 0;
constexpr int kClockSm = 1;
constexpr int kClockMemory = 2;
constexpr int kTemperatureGpu = 0;

struct Reason {
    unsigned long long bit;
    const char* name;
};

constexpr Reason kReasons[] = {
    {0x04, "sw_power_cap"},
    {0x08, "hw_slowdown"},
    {0x20, "sw_thermal_slowdown"},
    {0x40, "hw_thermal_slowdown"},
    {0x80, "hw_power_brake_slowdown"},
};

}  // namespace

struct Nvml::Library {
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*by_bus_id)(const char*, void**) = nullptr;
    int (*clock)(void*, int, unsigned*) = nullptr;
    int (*power)(void*, unsigned*) = nullptr;
    int (*temperature)(void*, int, unsigned*) = nullptr;
    int (*reasons)(void*, unsigned long long*) = nullptr;

    // False if the library is not there. It stays loaded for the life of the process.
    bool load();
};

bool Nvml::Library::load() {
    void* const handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return false;
    const auto find = [handle](auto& function, const char* name) {
        function =
            reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
    };
    find(init, "nvmlInit_v2");
    find(shutdown, "nvmlShutdown");
    find(by_bus_id, "nvmlDeviceGetHandleByPciBusId_v2");
    find(clock, "nvmlDeviceGetClockInfo");
    find(power, "nvmlDeviceGetPowerUsage");
    find(temperature, "nvmlDeviceGetTemperature");
    find(reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");
    return init != nullptr && shutdown != nullptr && by_bus_id != nullptr;
}

Nvml::Nvml(std::unique_ptr<Library> library) : library_(std::move(library)) {}

Nvml::~Nvml() {
    library_->shutdown();
}

std::unique_ptr<Nvml> Nvml::open(int cuda_index) {
    const auto bus_id = cuda_device_bus_id(cuda_index);
    auto library = std::make_unique<Library>();
    if (!bus_id || !library->load() || library->init() != kSuccess) return nullptr;
    // From here on the destructor undoes init().
    std::unique_ptr<Nvml> nvml(new Nvml(std::move(library)));
    if (nvml->library_->by_bus_id(bus_id->c_str(), &nvml->device_) != kSuccess) return nullptr;
    return nvml;
}

GpuState Nvml::state() const {
    GpuState state;
    const auto ask = [](auto* function, auto... arguments) -> std::optional<double> {
        unsigned value = 0;
        if (function == nullptr || function(arguments..., &value) != kSuccess) return std::nullopt;
        return value;
    };
    state.sm_mhz = ask(library_->clock, device_, kClockSm);
    state.memory_mhz = ask(library_->clock, device_, kClockMemory);
    state.temperature_c = ask(library_->temperature, device_, kTemperatureGpu);
    constexpr double kMilliwattsPerWatt = 1000;
    if (const auto milliwatts = ask(library_->power, device_)) {
        state.power_w = *milliwatts / kMilliwattsPerWatt;
    }
    unsigned long long bits = 0;
    if (library_->reasons != nullptr && library_->reasons(device_, &bits) == kSuccess) {
        state.throttle_reasons = throttle_names(bits);
    }
    return state;
}

std::vector<std::string> throttle_names(unsigned long long bits) {
    std::vector<std::string> names;
    for (const Reason& reason : kReasons) {
        if ((bits & reason.bit) != 0) names.emplace_back(reason.name);
    }
    return names;
}

}  // namespace headway::bench
