#include "shim/gpu/stream_priority.h"

#include "base/bounded_lock.h"
#include "driver_abi.h"
#include "shim/gpu/capture.h"
#include "shim/gpu/driver_calls.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>

namespace headway::gpu {

namespace {

struct StreamRecord {
    std::uintptr_t handle = 0;  // 0: free place
    int asked = 0;              // the program's own priority
    int current = 0;
};

// What a thread found out last: most launch on one stream for long.
struct LastUse {
    std::uintptr_t stream = 0;
    std::int32_t lane_priority = 0;
    std::uint32_t generation = 0;
};

constexpr std::size_t kStreamCountMax = 128;  // further streams keep their priority
constinit BoundedLock g_lock;
constinit std::array<StreamRecord, kStreamCountMax> g_streams{};
constinit std::atomic<std::uint32_t> g_generation{1};  // +1 when what LastUse says may be wrong
constinit std::atomic<bool> g_refused{false};          // an old driver: streams keep theirs
constinit std::atomic<bool> g_raised{false};           // some stream has been raised
constinit thread_local LastUse t_last{};

int priority_for(std::int32_t lane_priority, int asked) noexcept {
    if (lane_priority <= 0) return asked;
    return std::min(asked, std::max(-lane_priority, greatest_stream_priority()));
}

// The caller holds the lock. Null: no room, or the driver does not know the stream.
StreamRecord* record_of(std::uintptr_t stream) noexcept {
    StreamRecord* free_place = nullptr;
    for (StreamRecord& record : g_streams) {
        if (record.handle == stream) return &record;
        if (record.handle == 0 && free_place == nullptr) free_place = &record;
    }
    int asked = 0;
    if (free_place == nullptr || !stream_priority(stream, &asked)) return nullptr;
    *free_place = {stream, asked, asked};
    return free_place;
}

// The caller holds the lock.
void set_priority(StreamRecord& record, int wanted) noexcept {
    if (record.current == wanted) return;
    if (set_stream_priority(record.handle, wanted)) {
        record.current = wanted;
        g_raised.store(true, std::memory_order_relaxed);
    } else {
        g_refused.store(true, std::memory_order_relaxed);
    }
}

}  // namespace

bool raise_new_stream(std::int32_t lane_priority, int* priority) noexcept {
    const int wanted = priority_for(lane_priority, *priority);
    if (wanted == *priority) return false;
    *priority = wanted;
    return true;
}

void use_stream(std::uintptr_t stream, std::int32_t lane_priority) noexcept {
    const bool shared = stream == 0 || stream == kLegacyStream || stream == kPerThreadStream;
    // Without a lane above the default there is nothing to set, and nothing to set back.
    if (lane_priority <= 0 && !g_raised.load(std::memory_order_relaxed)) return;
    if (shared || g_refused.load(std::memory_order_relaxed) || capture_in_progress()) return;
    const std::uint32_t generation = g_generation.load(std::memory_order_acquire);
    if (t_last.stream == stream && t_last.lane_priority == lane_priority &&
        t_last.generation == generation) {
        return;
    }
    const BoundedGuard guard(g_lock);
    if (!guard.owns()) return;
    StreamRecord* const record = record_of(stream);
    if (record != nullptr) {
        const int wanted = priority_for(lane_priority, record->asked);
        // Another thread's LastUse may say that the stream is its lane's.
        if (wanted != record->current) g_generation.fetch_add(1, std::memory_order_release);
        set_priority(*record, wanted);
    }
    t_last = {stream, lane_priority, g_generation.load(std::memory_order_acquire)};
}

void forget_stream(std::uintptr_t stream) noexcept {
    const BoundedGuard guard(g_lock);
    if (!guard.owns()) return;
    for (StreamRecord& record : g_streams) {
        if (record.handle != stream) continue;
        record = {};
        g_generation.fetch_add(1, std::memory_order_release);
    }
}

void forget_streams() noexcept {
    const BoundedGuard guard(g_lock);
    if (!guard.owns()) return;
    g_streams = {};
    g_generation.fetch_add(1, std::memory_order_release);
}

}  // namespace headway::gpu
