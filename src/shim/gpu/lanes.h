// The lanes of this process on its GPUs: which one a call belongs to.
#pragma once

#include "base/status.h"
#include "gate/shared_lane.h"
#include "shim/gpu/completion.h"
#include "shim/gpu/gpu_device.h"

namespace headway::gpu {

// The lane that the calling thread's next launch belongs to: the one that the thread has entered,
// if it is on the current context's device, else the process's own lane there, which is opened on
// first use from the HEADWAY_* variables. Null: no current context, or no lane to be had (said
// once). Thread-safe. Opening may take milliseconds; it waits for no other lane.
gate::SharedLane* current_lane() noexcept;

// The device named "cuda:N" or "hip:N" (N as this process counts them) and its board. Errors:
// kNotFound, kUnavailable.
Status find_gpu_device(const char* name, device::Device** out_device, char* out_board) noexcept;

// Whether `lane` is the process's own lane on the only GPU that the process has used, and is alone
// there: then calls need not be looked at until *word != epoch. `word` stays valid for ever.
struct Watch {
    bool possible = false;
    const std::atomic<std::uint64_t>* word = nullptr;
    std::uint64_t epoch = 0;
};

Watch watch_for(const gate::SharedLane& lane) noexcept;

// Calls `visit` with every lane that the process has opened by itself.
void for_each_process_lane(void (*visit)(gate::SharedLane& lane)) noexcept;

// In a forked child, where the driver cannot be used: no lane is handed out any more.
void forget_lanes() noexcept;

}  // namespace headway::gpu
