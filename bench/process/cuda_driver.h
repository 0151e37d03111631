// The few facts that are asked of NVIDIA's driver directly, through dlopen: no CUDA toolkit is
// needed to build, and none of it is there on a machine without a GPU.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace headway::bench {

// A symbol of the driver, or null. The driver stays loaded for the life of the process.
void* cuda_driver_symbol(const char* name);

// A function of the driver by its type, or null.
template <typename Function>
Function* cuda_driver_function(const char* name) {
    return reinterpret_cast<Function*>(cuda_driver_symbol(name));
}

// The GPU's name, or nothing if there is no driver or no such GPU.
std::optional<std::string> cuda_device_name(int index);

// Where the GPU sits on the PCI bus ("0000:1b:00.0"), or nothing.
std::optional<std::string> cuda_device_bus_id(int index);

// The numbers that the driver has for facts about a GPU.
enum class CudaAttribute : int {
    kComputeMode = 20,  // one of kCudaCompute...
    kMpsEnabled = 133,  // 1: this process is a client of MPS; drivers before 12.4 don't know it
};
inline constexpr int kCudaComputeExclusive = 3;  // one process only

// What the driver says, or nothing.
std::optional<int> cuda_device_attribute(int index, CudaAttribute attribute);

// The driver's version as `nvidia-smi` shows it, or nothing.
std::optional<std::string> cuda_driver_version();

// (free, total) bytes of the GPU whose context is current on this thread, or nothing.
std::optional<std::pair<std::size_t, std::size_t>> cuda_memory_bytes();

}  // namespace headway::bench
