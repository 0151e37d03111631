// An OpenCL device as the gate sees it. OpenCL has no memory write from a queue, so a marker is a
// marker command whose event has a callback: the driver calls it when all work before the marker
// has completed, and it stores the value into the board.
#pragma once

#include "board/layout.h"
#include "device/device.h"
#include "shim/opencl/spin_lock.h"
#include "shim/opencl/worker_threads.h"

#include <CL/cl.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace headway::opencl {

// A stream handle is the address of a cl_command_queue. Never destroyed: the driver may call back
// until the very end of the process.
class OpenClDevice final : public device::Device {
 public:
    bool synchronous() const noexcept override { return false; }

    // kRefused when kLaneCountMax lanes of this process have progress here already.
    Registration register_progress(std::atomic<std::uint32_t>* progress,
                                   std::uint32_t count) noexcept override;

    // Afterwards no callback writes there, also none that is still to come.
    void unregister_progress(std::atomic<std::uint32_t>* progress) noexcept override;

    // False also for a queue that the program has destroyed. Flushes the queue: a marker that is
    // never submitted would never be reached. A marker may be stored some time after the work
    // behind it has begun, since the driver calls back when it likes; never before the work in
    // front of it is over, and never after a later one.
    bool write_marker(device::StreamHandle stream,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override;

    // OpenCL has no timeslices. On the CPU the operating system has something like it.
    std::uint32_t give_way(Standing standing) noexcept override {
        return workers_.give_way(standing != Standing::kFree);
    }

    // The device is the CPU.
    void runs_on_cpu() noexcept { workers_.enable(); }

    // Markers whose callback has not come yet.
    std::uint32_t markers_in_flight() const noexcept {
        return in_flight_.load(std::memory_order_acquire);
    }

 private:
    struct Marker;

    // The progress words of one lane.
    struct Progress {
        std::atomic<std::uint32_t>* words = nullptr;  // null: free place
        std::uint32_t generation = 0;
        std::uint32_t count = 0;
        std::array<std::uint64_t, board::kTrackCountMax> stored{};  // order of the latest, per word
    };

    bool describe(std::atomic<std::uint32_t>* word, Marker* out) noexcept;
    bool enqueue(cl_command_queue queue, Marker* marker) noexcept;
    void store(const Marker& marker) noexcept;
    static void CL_CALLBACK on_complete(cl_event event, cl_int status, void* user_data) noexcept;

    SpinLock lock_;  // guards progress_ and order_, and that what is in it is mapped
    std::array<Progress, board::kLaneCountMax> progress_{};
    std::uint64_t order_ = 0;
    std::atomic<std::uint32_t> in_flight_{0};
    WorkerThreads workers_;
};

}  // namespace headway::opencl
