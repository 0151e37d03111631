#include "gate/process_lane.h"

#include "base/say.h"
#include "gate/environment.h"

#include <cstdio>

namespace headway::gate {

SharedLane* open_process_lane(device::Device& device, const char* board_name) noexcept {
    SharedLane* const lane = SharedLane::create(device, real_platform());
    if (lane == nullptr) return nullptr;
    LaneOptions options = options_from_environment();
    options.device = board_name;
    if (const Status status = lane->lane().open(options); !status.ok()) {
        say_once("running unscheduled: %s", status.message());
    }
    return lane;
}

void print_counters(SharedLane& lane) noexcept {
    const board::LaneSlot& view = lane.lane().view();
    const auto load = [](const std::atomic<std::uint64_t>& counter) noexcept {
        return static_cast<unsigned long long>(counter.load(std::memory_order_relaxed));
    };
    std::fprintf(stderr,
                 "headway: lane %.31s priority %d: passed %llu, gated %llu, held %llu (%.1f ms), "
                 "window %.1f ms, markers %llu, bypassed %llu, timeouts %llu\n",
                 view.name,
                 view.priority.load(std::memory_order_relaxed),
                 load(view.passed),
                 load(view.gated),
                 load(view.held),
                 static_cast<double>(load(view.hold_ns)) / 1e6,
                 static_cast<double>(load(view.window_ns)) / 1e6,
                 load(view.markers),
                 load(view.bypassed),
                 load(view.hold_timeouts));
}

}  // namespace headway::gate
