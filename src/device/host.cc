#include "device/host.h"

namespace headway::device {

Device::Registration HostDevice::register_progress(std::atomic<std::uint32_t>*,
                                                   std::uint32_t) noexcept {
    return Registration::kDone;
}

void HostDevice::unregister_progress(std::atomic<std::uint32_t>*) noexcept {}

bool HostDevice::write_marker(StreamHandle,
                              std::atomic<std::uint32_t>* word,
                              std::uint32_t value) noexcept {
    // Release: whoever reads the marker also sees what the work before it wrote.
    word->store(value, std::memory_order_release);
    return true;
}

std::uint32_t HostDevice::give_way(Standing) noexcept {
    return 0;
}

}  // namespace headway::device
