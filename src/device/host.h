// The host CPU as a device: work runs on the caller's thread and is complete when its call returns.
#pragma once

#include "device/device.h"

namespace headway::device {

class HostDevice final : public Device {
 public:
    bool synchronous() const noexcept override { return true; }

    Registration register_progress(std::atomic<std::uint32_t>* progress,
                                   std::uint32_t count) noexcept override;
    void unregister_progress(std::atomic<std::uint32_t>* progress) noexcept override;

    // All work before the call has completed by the time of the call, so the value is stored at
    // once.
    bool write_marker(StreamHandle stream,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override;

    // The operating system preempts for us.
    std::uint32_t give_way(Standing standing) noexcept override;
};

}  // namespace headway::device
