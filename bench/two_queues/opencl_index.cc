#include "bench/two_queues/spin_queue.h"

#include <charconv>
#include <string_view>

namespace headway::bench {

int opencl_index(const std::string& device) noexcept {
    constexpr std::string_view kPrefix = "opencl:";
    if (device.rfind(kPrefix, 0) != 0) return -1;
    int index = 0;
    const char* const end = device.data() + device.size();
    const auto [stop, error] = std::from_chars(device.data() + kPrefix.size(), end, index);
    return error == std::errc() && stop == end && index >= 0 ? index : -1;
}

}  // namespace headway::bench
