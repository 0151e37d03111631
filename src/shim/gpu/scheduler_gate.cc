// The scheduler: leads every gated call through the gate of its lane, and tells the lane what the
// program has seen complete.
#include "base/clock.h"
#include "capi/implementation.h"
#include "gate/process_lane.h"
#include "shim/gpu/driver.h"
#include "shim/gpu/driver_calls.h"
#include "shim/gpu/guard.h"
#include "shim/gpu/lanes.h"
#include "shim/gpu/look_up.h"
#include "shim/gpu/scheduler.h"
#include "shim/gpu/stream_priority.h"

#include <atomic>
#include <cstddef>
#include <cstdio>

namespace headway::gpu {

namespace {

// Its value is never 0 after cuInit, so that the first gated call is looked at.
constinit std::atomic<std::uint64_t> g_own_word{0};

constinit std::atomic<std::uint64_t> g_passed[kCallClassCount] = {};
constinit std::atomic<std::uint64_t> g_bypassed[kBypassCount] = {};

// From now on every call is looked at.
void look_at_everything() noexcept {
    idle_watch.store(&g_own_word, std::memory_order_relaxed);
    idle_value.store(g_own_word.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// From now on nothing is.
void look_at_nothing() noexcept {
    idle_value.store(g_own_word.load(std::memory_order_relaxed), std::memory_order_relaxed);
    idle_watch.store(&g_own_word, std::memory_order_relaxed);
}

void watch_if_alone(const gate::SharedLane& lane) noexcept {
    const Watch watch = watch_for(lane);
    if (!watch.possible) return;
    // An epoch that is stale by now costs looks in vain until the next one sets it right.
    idle_value.store(watch.epoch, std::memory_order_relaxed);
    idle_watch.store(watch.word, std::memory_order_relaxed);
}

// What the cost model knows a launch by. Never 0.
std::uint64_t key_of(const LaunchFacts& facts) noexcept {
    std::uint64_t key = facts.function + static_cast<std::uint64_t>(facts.call_class);
    const auto mix = [&key](std::uint64_t value) noexcept {
        key = (key ^ value) * 0x9E3779B97F4A7C15U;
        key ^= key >> 29;
    };
    for (int i = 0; i < 3; ++i)
        mix((std::uint64_t{facts.grid[i]} << 32) | facts.block[i]);
    mix(facts.shared_bytes);
    mix(facts.bytes);
    if (facts.function == 0) mix(static_cast<std::uint64_t>(facts.entry) + 1);
    return key | 1;
}

void seen_complete(gate::SharedLane& lane, bool complete) noexcept {
    if (complete) lane.lane().seen_complete();
}

// Calls of a class through the counting thunks: exact, and there with HEADWAY_STATS=1.
unsigned long long calls_of(CallClass call_class) noexcept {
    unsigned long long calls = 0;
    for (std::size_t row = 0; row < kEntryCount; ++row) {
        if (kEntries[row].call_class != call_class) continue;
        calls += std::atomic_ref<std::uint64_t>(headway_shim_counts[row])
                     .load(std::memory_order_relaxed);
    }
    return calls;
}

void print_coverage() noexcept {
    std::uint64_t bypassed = 0;
    for (const auto& count : g_bypassed)
        bypassed += count.load(std::memory_order_relaxed);
    std::fprintf(stderr,
                 "headway: %s: saw %llu launches, %llu graph launches, %llu copies, %llu memsets, "
                 "%llu prefetches; bypassed %llu; unknown look-ups %llu\n",
                 kDeviceKind,
                 calls_of(CallClass::kLaunch),
                 calls_of(CallClass::kGraphLaunch),
                 calls_of(CallClass::kCopy),
                 calls_of(CallClass::kMemset),
                 calls_of(CallClass::kPrefetch),
                 static_cast<unsigned long long>(bypassed),
                 static_cast<unsigned long long>(unknown_look_ups()));
}

}  // namespace

constinit std::atomic<const std::atomic<std::uint64_t>*> idle_watch{&g_own_word};
constinit std::atomic<std::uint64_t> idle_value{0};
constinit thread_local PassedCalls passed_calls{};

void flush_passed(CallClass call_class) noexcept {
    const auto index = static_cast<std::size_t>(call_class);
    std::uint32_t& pending = passed_calls.pending[index];
    g_passed[index].fetch_add(pending + 1, std::memory_order_relaxed);
    gate::SharedLane* const lane = disabled() ? nullptr : current_lane();
    if (lane != nullptr) lane->lane().count_passed(pending + 1);
    // The current device may be another than the one that is watched.
    if (lane != nullptr && !watch_for(*lane).possible) look_at_everything();
    pending = 0;
}

void note_bypassed(CallClass, Bypass reason) noexcept {
    g_bypassed[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
}

void before_launch(const LaunchFacts& facts, Ticket* ticket) noexcept {
    ticket->lane = current_lane();
    if (ticket->lane == nullptr) return;
    gate::Lane& lane = ticket->lane->lane();
    if (lane.alone()) {
        lane.count_passed(1);
        watch_if_alone(*ticket->lane);
        return;
    }
    use_stream(facts.stream, lane.priority());
    ticket->launch = {key_of(facts), gate_stream(facts.stream), facts.blocking};
    if (!lane.try_credit(ticket->launch)) ticket->pass = lane.before(ticket->launch);
}

void after_launch(const LaunchFacts& facts, Ticket* ticket, Result result) noexcept {
    if (ticket->lane == nullptr || !ticket->pass.gated()) return;
    ticket->lane->lane().after(ticket->launch, ticket->pass, result == kSuccess);
    if (result == kSuccess && !facts.blocking) {
        completion_of(*ticket->lane).launched(ticket->launch.stream, coarse_now_ns());
    }
}

void on_sync_enter(Scope, std::uintptr_t, Ticket* ticket) noexcept {
    ticket->lane = current_lane();
    if (ticket->lane != nullptr && !ticket->lane->lane().alone()) {
        ticket->pass = ticket->lane->lane().begin_wait();
    }
}

void on_sync_exit(Scope scope, std::uintptr_t handle, Ticket* ticket, Result result) noexcept {
    if (ticket->lane == nullptr) return;
    Completion& completion = completion_of(*ticket->lane);
    bool complete = false;
    if (result == kSuccess) {
        complete = scope == Scope::kContext ? completion.all_done()
                   : scope == Scope::kStream
                       ? completion.stream_done(gate_stream(handle), coarse_now_ns())
                       : completion.event_done(handle, coarse_now_ns());
    }
    if (ticket->pass.gated()) {
        ticket->lane->lane().end_wait(ticket->pass, complete);
    } else {
        seen_complete(*ticket->lane, complete);
    }
}

void on_query(Scope scope, std::uintptr_t handle, Result result) noexcept {
    if (result != kSuccess && result != kErrorNotReady) return;
    gate::SharedLane* const lane = current_lane();
    if (lane == nullptr) return;
    if (result == kErrorNotReady) return lane->lane().seen_running();
    Completion& completion = completion_of(*lane);
    seen_complete(*lane,
                  scope == Scope::kStream
                      ? completion.stream_done(gate_stream(handle), coarse_now_ns())
                      : completion.event_done(handle, coarse_now_ns()));
}

void on_host_function(std::uintptr_t stream) noexcept {
    gate::SharedLane* const lane = current_lane();
    if (lane != nullptr && !lane->lane().alone()) lane->lane().await(gate_stream(stream));
}

void on_event_record(std::uintptr_t event, std::uintptr_t stream, Result result) noexcept {
    gate::SharedLane* const lane = result == kSuccess ? current_lane() : nullptr;
    if (lane != nullptr) completion_of(*lane).event_recorded(event, gate_stream(stream));
}

void on_event_destroy(std::uintptr_t event) noexcept {
    gate::SharedLane* const lane = current_lane();
    if (lane != nullptr) completion_of(*lane).event_destroyed(event);
}

bool adjust_stream_priority(std::uint32_t, int* priority) noexcept {
    gate::SharedLane* const lane = disabled() ? nullptr : current_lane();
    return lane != nullptr && raise_new_stream(lane->lane().priority(), priority);
}

void on_stream_create(std::uintptr_t) noexcept {}

void on_stream_destroy(std::uintptr_t stream) noexcept {
    forget_stream(stream);
    gate::SharedLane::leave_stream(stream);
}

void before_capture(std::uintptr_t stream) noexcept {
    // The kernels of a graph keep the priority of the stream on which they were recorded.
    gate::SharedLane* const lane = disabled() ? nullptr : current_lane();
    if (lane != nullptr) use_stream(stream, lane->lane().priority());
}

void on_capture(std::uintptr_t, bool) noexcept {}

void on_context_destroy(std::uintptr_t) noexcept {
    // The boards' pages were registered in some context, perhaps in this one.
    forget_streams();
    gate::SharedLane::visit_all(
        [](gate::SharedLane& lane) noexcept { lane.lane().device_reset(); });
}

void on_primary_context_end(int) noexcept {
    on_context_destroy(0);
}

void on_init() noexcept {
    if (!disabled()) look_at_everything();
}

void on_fork_child() noexcept {
    forget_lanes();
    forget_driver();
    look_at_nothing();
}

void on_exit() noexcept {
    look_at_nothing();
    if (!counting()) return;
    print_coverage();
    for_each_process_lane(gate::print_counters);
}

}  // namespace headway::gpu

namespace headway::capi {

const char* device_kind() noexcept {
    return gpu::kDeviceKind;
}

Status find_device(const char* name, device::Device** out_device, char* out_board) noexcept {
    return gpu::find_gpu_device(name, out_device, out_board);
}

}  // namespace headway::capi

// What libheadway looks for: a program's lanes are then those of this library.
extern "C" __attribute__((visibility("default"))) const headway::capi::Api* HEADWAY_API_GETTER() {
    return &headway::capi::local_api();
}
