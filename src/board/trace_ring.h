// Trace events: what a lane did and when, in a ring on its own page of the board.
//
// A lane writes while somebody records: one fetch-and-add and two stores per event, no system call
// and no lock. Readers keep their own place in the ring; an event that was overwritten, or is only
// half written, shows by its tag. Everything read is checked: the page may hold anything.
#pragma once

#include "board/layout.h"

#include <cstdint>

namespace headway::board {

enum class TraceKind : std::uint8_t {
    kActive = 1,   // the lane launched work; ends `linger` or a lease after the last activity
    kHold = 2,     // a thread was held because of a rival
    kWindow = 3,   // a thread waited for the lane's own window
    kTimeout = 4,  // a hold or window wait of max_hold_ms ended; no duration
};

inline constexpr std::uint32_t kNoPeer = 255;

struct TraceEvent {
    TraceKind kind = TraceKind::kActive;
    std::uint32_t peer = kNoPeer;   // kHold, kTimeout: the slot of the lane that it waited for
    std::uint64_t start_ns = 0;     // CLOCK_MONOTONIC; 56 bits of it, two years
    std::uint64_t duration_ns = 0;  // at most 40 bits, 18 minutes: longer ones are cut
};

// Appends an event to the slot's ring. Thread-safe; by the slot's owner.
void record_event(LaneSlot& slot, const TraceEvent& event) noexcept;

// The lane is active now, and will be until `until_ns` if nothing follows. Records the span before
// it if that has ended. By the slot's owner; when two threads of a lane meet here, a span may be
// cut in two.
void record_active(LaneSlot& slot, std::uint64_t now_ns, std::uint64_t until_ns) noexcept;

// The lane's activity ended at `end_ns`, or earlier if it was due to. By the slot's owner.
void record_inactive(LaneSlot& slot, std::uint64_t end_ns) noexcept;

struct OpenActivity {
    std::uint64_t since_ns = 0;  // 0: none
    std::uint64_t until_ns = 0;  // its end, if nothing follows
};

// The slot's span that has not ended. What ended before this call is on the ring: a reader that
// looks here first, and at the ring after it, finds each span in one of the two or in both, and
// then with the same start. Any thread, any process.
OpenActivity open_activity(const LaneSlot& slot) noexcept;

// Where a reader is in the ring of one slot.
class TraceCursor {
 public:
    enum class Read : std::uint8_t { kEvent, kNothing };

    TraceCursor() noexcept = default;

    // Starts with what is written from now on.
    explicit TraceCursor(const LaneSlot& slot) noexcept
        : next_(slot.trace_count.load(std::memory_order_acquire)) {}

    // Reads the next event into `out_event` and its number into `out_number`. kNothing: there is
    // none yet. Never blocks; bounded by the size of the ring.
    Read read(const LaneSlot& slot, TraceEvent* out_event, std::uint64_t* out_number) noexcept;

    // Events that were overwritten before they were read, or never completed.
    std::uint64_t lost_count() const noexcept { return lost_count_; }

 private:
    std::uint64_t next_ = 0;
    std::uint64_t lost_count_ = 0;
    std::uint32_t patience_ = 0;  // looks at a half-written event
};

}  // namespace headway::board
