// What the program itself has seen to be complete: a synchronise that returned, an event that was
// done. A program that looks at its results tells the scheduler, without a marker, that its lane is
// idle.
#pragma once

#include "base/bounded_lock.h"
#include "gate/shared_lane.h"

#include <array>
#include <cstdint>

namespace headway::gpu {

// One per lane. Thread-safe. When it cannot follow (too many streams or events), it errs by not
// seeing a completion: the lane's lease then ends by itself.
class Completion {
 public:
    // Work on a stream that nobody has launched to, or waited for, for this long is taken to be
    // done: libraries launch on streams of their own once, when they start, and never look again.
    static constexpr std::uint64_t kForgottenNs = 100'000'000;

    // A launch went to `stream`.
    void launched(std::uintptr_t stream, std::uint64_t now_ns) noexcept;

    // Everything on `stream` so far is complete. True: and so is all other work.
    bool stream_done(std::uintptr_t stream, std::uint64_t now_ns) noexcept;

    // Everything of the context is complete.
    bool all_done() noexcept;

    // An event was recorded on a stream, is complete, or its handle is about to be reused.
    void event_recorded(std::uintptr_t event, std::uintptr_t stream) noexcept;
    bool event_done(std::uintptr_t event, std::uint64_t now_ns) noexcept;
    void event_destroyed(std::uintptr_t event) noexcept;

 private:
    static constexpr std::uint32_t kStreamCountMax = 16;
    static constexpr std::uint32_t kEventCountMax = 64;  // the latest; older ones are forgotten

    struct Stream {
        std::uintptr_t handle = 0;
        std::uint64_t launch_count = 0;  // on this stream so far
        std::uint64_t latest_ns = 0;     // when the latest one was made
        bool unfinished = false;
    };

    struct Event {
        std::uintptr_t handle = 0;
        std::uint32_t stream = 0;        // index into streams_
        std::uint64_t launch_count = 0;  // of that stream when it was recorded
    };

    std::uint32_t find_stream(std::uintptr_t handle) const noexcept;
    std::uint32_t replace_finished(std::uint64_t now_ns) noexcept;
    bool finish(std::uint32_t stream, std::uint64_t now_ns) noexcept;

    BoundedLock lock_;
    std::array<Stream, kStreamCountMax> streams_{};
    std::array<Event, kEventCountMax> events_{};
    std::uint32_t stream_count_ = 0;
    std::uint32_t next_event_ = 0;
    bool lost_track_ = false;  // a launch went to a stream that has no place here
};

// What the program has seen complete of that lane. Made on first use; goes with the lane.
Completion& completion_of(gate::SharedLane& lane) noexcept;

}  // namespace headway::gpu
