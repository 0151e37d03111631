// What NVIDIA's management library says about a GPU at this moment, through dlopen: neither a
// toolkit nor a header of it is needed, and on a machine without it there is just nothing to say.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headway::bench {

struct GpuState {
    // Each may be missing: not every GPU tells everything.
    std::optional<double> sm_mhz;
    std::optional<double> memory_mhz;
    std::optional<double> power_w;
    std::optional<double> temperature_c;
    // Why its clocks are lower than they could be, for example "sw_power_cap"; only reasons that
    // make work slower than the same work was before: not idleness, and no fixed setting.
    std::vector<std::string> throttle_reasons;
};

// Used by one thread at a time.
class Nvml {
 public:
    // Null if the library or the GPU is not there. `cuda_index` is the driver's number of the GPU,
    // which is not the library's.
    static std::unique_ptr<Nvml> open(int cuda_index);
    ~Nvml();
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;

    // Takes some microseconds to milliseconds.
    GpuState state() const;

 private:
    struct Library;
    explicit Nvml(std::unique_ptr<Library> library);

    std::unique_ptr<Library> library_;
    void* device_ = nullptr;
};

// The names of the bits of nvmlDeviceGetCurrentClocksThrottleReasons() that count. Pure.
std::vector<std::string> throttle_names(unsigned long long bits);

}  // namespace headway::bench
