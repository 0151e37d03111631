// A device that does nothing but answer, in one way for all: for tests of what a lane makes of it.
#pragma once

#include "device/device.h"

#include <atomic>
#include <cstdint>

namespace headway::test {

// Thread-safe.
class StubDevice final : public device::Device {
 public:
    enum class Markers : std::uint8_t {
        kStored,   // at once: its work ends as it is launched
        kLost,     // taken and never stored: its work never ends, as far as anybody can tell
        kRefused,  // nobody gets any
    };

    explicit StubDevice(Markers markers, bool one_at_a_time = false) noexcept
        : markers_(markers), one_at_a_time_(one_at_a_time) {}

    ~StubDevice() = default;

    bool synchronous() const noexcept override { return false; }

    Registration register_progress(std::atomic<std::uint32_t>*, std::uint32_t) noexcept override {
        return markers_ == Markers::kRefused ? Registration::kRefused : Registration::kDone;
    }

    void unregister_progress(std::atomic<std::uint32_t>*) noexcept override {}

    bool write_marker(device::StreamHandle,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override {
        if (markers_ == Markers::kStored) word->store(value, std::memory_order_release);
        return markers_ != Markers::kRefused;
    }

    std::uint32_t give_way(Standing) noexcept override { return 0; }

    bool one_process_at_a_time() const noexcept override { return one_at_a_time_; }

 private:
    const Markers markers_;
    const bool one_at_a_time_;
};

}  // namespace headway::test
