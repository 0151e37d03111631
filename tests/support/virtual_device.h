// A device in virtual time: one engine that runs commands one after the other, in the order of
// their launch, and stores markers in stream order.
#pragma once

#include "device/device.h"
#include "tests/support/virtual_time.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>

namespace headway::test {

class VirtualDevice final : public device::Device {
 public:
    explicit VirtualDevice(VirtualTime& time) : time_(time) {}

    ~VirtualDevice() = default;

    bool synchronous() const noexcept override { return false; }

    Registration register_progress(std::atomic<std::uint32_t>*, std::uint32_t) noexcept override {
        return registration;
    }

    void unregister_progress(std::atomic<std::uint32_t>*) noexcept override {}

    bool write_marker(device::StreamHandle stream,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override {
        if (!accept_markers) return false;
        if (lose_markers) return true;
        time_.at(finish_ns_[stream], [word, value] { word->store(value); });
        return true;
    }

    std::uint32_t give_way(Standing standing) noexcept override {
        gave_way = standing != Standing::kFree;
        in_the_way = standing == Standing::kInTheWay;
        return in_the_way ? 20 : 0;
    }

    bool one_process_at_a_time() const noexcept override { return one_at_a_time; }

    // Puts a command of that length on a stream; returns when it will finish.
    std::uint64_t launch(device::StreamHandle stream, std::uint64_t length_ns) {
        free_ns_ = std::max(free_ns_, time_.now_ns()) + length_ns;
        finish_ns_[stream] = free_ns_;
        busy_ns_ += length_ns;
        return free_ns_;
    }

    // How much launched work is unfinished now.
    std::uint64_t backlog_ns() const { return free_ns_ - std::min(free_ns_, time_.now_ns()); }

    // The length of all commands so far.
    std::uint64_t busy_ns() const { return busy_ns_; }

    Registration registration = Registration::kDone;
    bool gave_way = false;
    bool in_the_way = false;
    bool one_at_a_time = false;
    bool accept_markers = true;
    bool lose_markers = false;  // takes them and never stores them

 private:
    VirtualTime& time_;
    std::uint64_t free_ns_ = 0;
    std::uint64_t busy_ns_ = 0;
    std::map<device::StreamHandle, std::uint64_t> finish_ns_;
};

}  // namespace headway::test
