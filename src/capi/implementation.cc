#include "capi/implementation.h"

#include "base/bounded_lock.h"
#include "base/env.h"
#include "base/status.h"
#include "base/version.h"
#include "device/host.h"
#include "gate/process_lane.h"
#include "gate/shared_lane.h"
#include "gate/thread_lane.h"

#include <errno.h>

#include <cstdio>
#include <cstring>

namespace headway::capi {

namespace {

using headway::Code;
using headway::Status;
using headway::gate::LaneOptions;
using headway::gate::SharedLane;
using headway::gate::ThreadLane;

thread_local Status last_status;

SharedLane* from_handle(headway_lane_t* lane) noexcept {
    return reinterpret_cast<SharedLane*>(lane);
}

const SharedLane* from_handle(const headway_lane_t* lane) noexcept {
    return reinterpret_cast<const SharedLane*>(lane);
}

headway_status_t to_c(Code code) noexcept {
    switch (code) {
        case Code::kOk:
            return HEADWAY_OK;
        case Code::kInvalidArgument:
            return HEADWAY_INVALID_ARGUMENT;
        case Code::kNotFound:
            return HEADWAY_NOT_FOUND;
        case Code::kFull:
            return HEADWAY_BOARD_FULL;
        case Code::kUnavailable:
        case Code::kCorrupt:
            return HEADWAY_UNAVAILABLE;
    }
    return HEADWAY_UNAVAILABLE;
}

// Remembers `status` for headway_last_error() and returns its code.
headway_status_t report(const Status& status) noexcept {
    last_status = status;
    return to_c(status.code());
}

headway_status_t invalid(const char* what) noexcept {
    return report(Status::error(Code::kInvalidArgument, "%s", what));
}

void lane_options_init(headway_lane_options_t* options) noexcept {
    if (options == nullptr) return;
    const LaneOptions defaults;
    *options = headway_lane_options_t{};
    options->struct_size = sizeof(*options);
    options->threshold = defaults.threshold;
    options->batch_size = defaults.batch_size;
    options->budget_us = defaults.budget_us;
    options->linger_us = HEADWAY_LINGER_AUTO;
    options->max_hold_ms = defaults.max_hold_ms;
}

// Copies as much of the caller's struct as both sides know. A field that an older caller does not
// have keeps its default.
bool read_options(const headway_lane_options_t* from, headway_lane_options_t* out) noexcept {
    lane_options_init(out);
    if (from == nullptr || from->struct_size < sizeof(from->struct_size)) return false;
    const std::size_t bytes = from->struct_size < sizeof(*out) ? from->struct_size : sizeof(*out);
    std::memcpy(out, from, bytes);
    out->struct_size = sizeof(*out);
    return true;
}

device::Device& host() noexcept {
    static constinit device::HostDevice device;
    return device;
}

Status open_lane(const headway_lane_options_t& options, SharedLane** out_lane) noexcept {
    char board[headway::board::kDeviceNameBytes];
    headway::device::Device* device = nullptr;
    const char* name = options.device != nullptr ? options.device : "cpu";
    if (std::strcmp(name, "cpu") == 0) {
        device = &host();
        std::snprintf(board, sizeof(board), "cpu");
    } else if (Status status = find_device(name, &device, board); !status.ok()) {
        return status;
    }
    SharedLane* lane = SharedLane::create(*device, headway::gate::real_platform());
    if (lane == nullptr) return Status::error(Code::kUnavailable, "out of memory");
    LaneOptions lane_options;
    lane_options.device = board;
    lane_options.name = options.name != nullptr ? options.name : program_invocation_short_name;
    lane_options.priority = options.priority;
    lane_options.threshold = options.threshold;
    lane_options.batch_size = options.batch_size;
    lane_options.budget_us = options.budget_us;
    lane_options.linger_us = options.linger_us;
    lane_options.max_hold_ms = options.max_hold_ms;
    lane_options.disabled = headway::env_flag("HEADWAY_DISABLE");
    const Status status = lane->lane().open(lane_options);
    if (!status.ok()) {
        lane->remove_user();
        return status;
    }
    *out_lane = lane;
    return {};
}

bool owns(const headway_lane_t* lane) noexcept {
    return SharedLane::exists(from_handle(lane));
}

const char* last_error(void) noexcept {
    return last_status.message();
}

headway_status_t lane_open(const headway_lane_options_t* options,
                           headway_lane_t** out_lane) noexcept {
    if (out_lane == nullptr) return invalid("out_lane is null");
    *out_lane = nullptr;
    headway_lane_options_t known;
    if (!read_options(options, &known)) {
        return invalid("options are null or not initialised (headway_lane_options_init)");
    }
    SharedLane* lane = nullptr;
    const Status status = open_lane(known, &lane);
    *out_lane = reinterpret_cast<headway_lane_t*>(lane);
    return report(status);
}

void lane_close(headway_lane_t* lane) noexcept {
    if (lane == nullptr) return;
    from_handle(lane)->lane().close();
    from_handle(lane)->remove_user();
}

headway_status_t lane_enter(headway_lane_t* lane) noexcept {
    if (lane == nullptr) return invalid("lane is null");
    if (!ThreadLane::current().enter(from_handle(lane))) {
        return invalid("this thread is in 16 lanes already; leave some first");
    }
    return report({});
}

headway_status_t lane_leave(headway_lane_t* lane) noexcept {
    if (lane == nullptr) return invalid("lane is null");
    if (ThreadLane::current().leave(from_handle(lane))) return report({});
    report(Status::error(Code::kInvalidArgument,
                         "the lane is not the one that this thread entered last"));
    return HEADWAY_NOT_ENTERED;
}

headway_status_t lane_set_priority(headway_lane_t* lane, int32_t priority) noexcept {
    if (lane == nullptr) return invalid("lane is null");
    return report(from_handle(lane)->lane().set_priority(priority));
}

headway_status_t lane_idle(headway_lane_t* lane) noexcept {
    if (lane == nullptr) return invalid("lane is null");
    from_handle(lane)->lane().idle();
    return report({});
}

headway_status_t lane_counters(const headway_lane_t* lane,
                               headway_counters_t* out_counters) noexcept {
    if (lane == nullptr || out_counters == nullptr) return invalid("lane or out_counters is null");
    const std::uint32_t caller_bytes = out_counters->struct_size;
    if (caller_bytes < sizeof(caller_bytes)) return invalid("out_counters->struct_size is not set");
    const headway::board::LaneSlot& slot = from_handle(lane)->lane().view();
    headway_counters_t all{};
    all.struct_size = caller_bytes;
    all.passed = slot.passed.load(std::memory_order_relaxed);
    all.gated = slot.gated.load(std::memory_order_relaxed);
    all.held = slot.held.load(std::memory_order_relaxed);
    all.bypassed = slot.bypassed.load(std::memory_order_relaxed);
    all.markers = slot.markers.load(std::memory_order_relaxed);
    all.hold_ns = slot.hold_ns.load(std::memory_order_relaxed);
    all.window_ns = slot.window_ns.load(std::memory_order_relaxed);
    all.hold_timeouts = slot.hold_timeouts.load(std::memory_order_relaxed);
    std::memcpy(out_counters, &all, caller_bytes < sizeof(all) ? caller_bytes : sizeof(all));
    return report({});
}

// The lane on "cpu" of all threads that have entered none: there is one where the environment names
// a priority, as `headway run` does. Opened by the first piece of work that needs it; never closed,
// since threads may work until the very end of the process.
class ProcessLane {
 public:
    // Null: the process has no lane, or another thread is just opening it.
    static SharedLane* get() noexcept {
        SharedLane* const lane = lane_.load(std::memory_order_acquire);
        return lane != nullptr || !possible_.load(std::memory_order_relaxed) ? lane : open();
    }

 private:
    static SharedLane* open() noexcept {
        const BoundedGuard guard(lock_);
        if (!guard.owns()) return nullptr;
        SharedLane* lane = lane_.load(std::memory_order_acquire);
        if (lane != nullptr || !possible_.load(std::memory_order_relaxed)) return lane;
        possible_.store(false, std::memory_order_relaxed);  // one attempt
        if (env_text("HEADWAY_PRIORITY", nullptr) == nullptr) return nullptr;
        if (env_flag("HEADWAY_DISABLE")) return nullptr;
        lane = headway::gate::open_process_lane(host(), "cpu");
        if (lane == nullptr) return nullptr;
        lane_.store(lane, std::memory_order_release);
        return lane;
    }

    static inline constinit std::atomic<SharedLane*> lane_{nullptr};
    static inline constinit std::atomic<bool> possible_{true};
    static inline constinit BoundedLock lock_;
};

void begin(void) noexcept {
    ThreadLane& thread = ThreadLane::current();
    if (thread.lane() == nullptr) {
        if (SharedLane* const lane = ProcessLane::get(); lane != nullptr) thread.enter_base(lane);
    }
    thread.begin();
}

void end(void) noexcept {
    ThreadLane::current().end();
}
}  // namespace

const Api& local_api() noexcept {
    static constexpr Api kApi = {kApiVersion,
                                 device_kind,
                                 owns,
                                 last_error,
                                 lane_options_init,
                                 lane_open,
                                 lane_close,
                                 lane_enter,
                                 lane_leave,
                                 lane_set_priority,
                                 lane_idle,
                                 lane_counters,
                                 begin,
                                 end};
    return kApi;
}

}  // namespace headway::capi
