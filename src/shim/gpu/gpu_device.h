// One GPU as the gate sees it: markers are stream-ordered writes by the device itself.
#pragma once

#include "device/device.h"

#include <atomic>
#include <cstdint>

namespace headway::gpu {

// What the gate calls a stream: the driver's own handle, but for the per-thread default stream.
// That has one handle for as many streams as there are threads, of which each can only be used by
// its own thread; so the gate gets another number from each.
device::StreamHandle gate_stream(std::uintptr_t stream) noexcept;

// Device `ordinal` of this process. Thread-safe. A lane's page of the board is registered with the
// driver, so that the device writes progress where every other process reads it, with no message.
class GpuDevice final : public device::Device {
 public:
    explicit GpuDevice(int ordinal) noexcept : ordinal_(ordinal) {}

    int ordinal() const noexcept { return ordinal_; }

    bool synchronous() const noexcept override { return false; }

    // Needs a current context of this device, and no graph capture in progress (kNotNow).
    Registration register_progress(std::atomic<std::uint32_t>* progress,
                                   std::uint32_t count) noexcept override;
    void unregister_progress(std::atomic<std::uint32_t>* progress) noexcept override;

    // `stream` as gate_stream() has it. False also while it records a graph, since the write would
    // become part of that, and for the default stream of another thread.
    bool write_marker(device::StreamHandle stream,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override;

    // A short timeslice for the process's compute channel groups on this GPU, while outranked.
    std::uint32_t give_way(Standing standing) noexcept override;

    // Asks the driver once.
    bool one_process_at_a_time() const noexcept override;

    // The GPU's name as on its board. `name` outlives the object. Before the first lane opens.
    void set_name(const char* name) noexcept { name_ = name; }

 private:
    const int ordinal_;
    const char* name_ = "";
    std::atomic<bool> gave_way_{false};

    enum class Sharing : std::uint8_t { kUnknown, kOneProcess, kManyProcesses };
    mutable std::atomic<Sharing> sharing_{Sharing::kUnknown};
};

}  // namespace headway::gpu
