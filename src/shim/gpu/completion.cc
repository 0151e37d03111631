#include "shim/gpu/completion.h"

#include <cstdlib>
#include <new>
#include <type_traits>

namespace headway::gpu {

namespace {

Completion g_shared_completion;  // for lanes that got no memory for one of their own

}  // namespace

Completion& completion_of(gate::SharedLane& lane) noexcept {
    static_assert(std::is_trivially_destructible_v<Completion>);  // it goes with std::free()
    if (void* const known = lane.companion(); known != nullptr)
        return *static_cast<Completion*>(known);
    void* const memory = std::malloc(sizeof(Completion));
    // Shared by several lanes it loses track, and errs on the careful side.
    if (memory == nullptr) return g_shared_completion;
    auto* const made = ::new (memory) Completion;
    if (!lane.set_companion(made)) std::free(memory);
    return *static_cast<Completion*>(lane.companion());
}

std::uint32_t Completion::find_stream(std::uintptr_t handle) const noexcept {
    std::uint32_t index = 0;
    while (index < stream_count_ && streams_[index].handle != handle)
        ++index;
    return index;
}

// The caller holds the lock. The place of a stream that has nothing unfinished, made free; or
// kStreamCountMax. Its launch count goes on, so that no event of the old stream fits the new one.
std::uint32_t Completion::replace_finished(std::uint64_t now_ns) noexcept {
    for (std::uint32_t i = 0; i < stream_count_; ++i) {
        Stream& stream = streams_[i];
        if (stream.unfinished && now_ns - stream.latest_ns < kForgottenNs) continue;
        stream.unfinished = false;
        return i;
    }
    return kStreamCountMax;
}

void Completion::launched(std::uintptr_t stream, std::uint64_t now_ns) noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return;
    std::uint32_t index = find_stream(stream);
    if (index == kStreamCountMax) {
        index = replace_finished(now_ns);
        if (index == kStreamCountMax) {
            lost_track_ = true;
            return;
        }
        streams_[index].handle = stream;
    }
    if (index == stream_count_) streams_[stream_count_++].handle = stream;
    Stream& entry = streams_[index];
    entry.launch_count += 1;
    entry.latest_ns = now_ns;
    entry.unfinished = true;
}

// The caller holds the lock. True: nothing is unfinished any more.
bool Completion::finish(std::uint32_t stream, std::uint64_t now_ns) noexcept {
    streams_[stream].unfinished = false;
    for (std::uint32_t i = 0; i < stream_count_; ++i) {
        Stream& other = streams_[i];
        if (now_ns - other.latest_ns >= kForgottenNs) other.unfinished = false;
        if (other.unfinished) return false;
    }
    return !lost_track_;
}

bool Completion::stream_done(std::uintptr_t stream, std::uint64_t now_ns) noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return false;
    const std::uint32_t index = find_stream(stream);
    return index < stream_count_ && finish(index, now_ns);
}

bool Completion::all_done() noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return false;
    streams_ = {};
    stream_count_ = 0;
    lost_track_ = false;
    events_ = {};
    return true;
}

void Completion::event_recorded(std::uintptr_t event, std::uintptr_t stream) noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return;
    const std::uint32_t index = find_stream(stream);
    if (index == stream_count_) return;  // nothing of ours on that stream
    std::uint32_t at = 0;
    while (at < kEventCountMax && events_[at].handle != event)
        ++at;
    if (at == kEventCountMax) at = next_event_++ % kEventCountMax;
    events_[at] = {event, index, streams_[index].launch_count};
}

bool Completion::event_done(std::uintptr_t event, std::uint64_t now_ns) noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return false;
    for (const Event& known : events_) {
        if (known.handle != event || known.stream >= stream_count_) continue;
        // Launches after the event may still run.
        const bool last = streams_[known.stream].launch_count == known.launch_count;
        return last && finish(known.stream, now_ns);
    }
    return false;
}

void Completion::event_destroyed(std::uintptr_t event) noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return;
    for (Event& known : events_) {
        if (known.handle == event) known = {};
    }
}

}  // namespace headway::gpu
