#include "bench/process/device_name.h"

#include <charconv>
#include <string_view>

namespace headway::bench {

int gpu_index(const std::string& device) noexcept {
    constexpr std::string_view kPrefix = "cuda:";
    if (device == "cpu") return kNoGpu;
    if (device.rfind(kPrefix, 0) != 0) return kNotADevice;
    int index = 0;
    const char* const end = device.data() + device.size();
    const auto [stop, error] = std::from_chars(device.data() + kPrefix.size(), end, index);
    return error == std::errc() && stop == end && index >= 0 ? index : kNotADevice;
}

}  // namespace headway::bench
