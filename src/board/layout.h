// The bytes of a board: the shared-memory file of one device, through which lanes see each other.
//
//   page 0        BoardHeader: what the file is, and the words that every launch may read
//   page 1 + i    LaneSlot i: one lane; its owner writes it, its device writes `progress`, all read
//                 it
//
// One page per lane, so that a process can register just its own page with a GPU driver. All fields
// have explicit widths; a change of meaning or place changes kLayoutVersion. Readers trust nothing
// here: offsets never come from the file, and every value is checked or bounded by its reader.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace headway::board {

// "HEADWAY" and a byte that is not text, little-endian.
inline constexpr std::uint64_t kMagic = 0x0159415744414548;
inline constexpr std::uint32_t kLayoutVersion = 4;
// One bit per lane in the header's words; the 65th lane of a device runs unscheduled and says so.
inline constexpr std::uint32_t kLaneCountMax = 64;
// Streams of one lane with progress of their own; further streams share the last track.
inline constexpr std::uint32_t kTrackCountMax = 16;
inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kLineBytes = 64;
inline constexpr std::size_t kDeviceNameBytes = 48;
inline constexpr std::size_t kLaneNameBytes = 32;
// Trace events of one lane that are kept; a newer one replaces the oldest.
inline constexpr std::uint32_t kTraceEventCount = 224;
inline constexpr std::uint64_t kTracerLeaseNs = 2'000'000'000;

struct alignas(kPageBytes) BoardHeader {
    // Line 0: written before the file gets its name, never again.
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t file_bytes;
    char device[kDeviceNameBytes];

    // Line 1: read at every launch, written only when a lane comes, goes, changes its priority, or
    // turns busy or idle.
    alignas(kLineBytes) std::atomic<std::uint64_t> epoch;  // +1 at every change of membership
    std::atomic<std::uint64_t> attached;                   // bit i: slot i is a lane
    std::atomic<std::uint64_t> busy;        // bit i: lane i may be busy; see LaneSlot
    std::atomic<std::uint64_t> turn_count;  // +1 whenever a lane turns busy

    // Line 2: the wait queue of held threads (a futex, shared between processes).
    alignas(kLineBytes) std::atomic<std::uint32_t> wake_count;  // +1 when a lane turns idle
    std::atomic<std::uint32_t> waiter_count;                    // threads that may sleep on it

    // Line 3: who records a trace (a ProcessWord; 0: nobody). `epoch` tells that it changed. Lanes
    // take a recorder for gone whose beat is older than kTracerLeaseNs.
    alignas(kLineBytes) std::atomic<std::uint64_t> tracer;
    std::atomic<std::uint64_t> tracer_beat_ns;  // written by the recorder

    // Line 4: which of several processes of equal priority has the device (board/shift.h), where it
    // serves one at a time. One word for all priorities: a higher lane that is busy holds the lower
    // ones anyway, and a lane takes over the shift of one that is not its equal.
    alignas(kLineBytes) std::atomic<std::uint64_t> shift;
};

// One trace event; board/trace_ring.h packs it.
struct TraceCell {
    std::atomic<std::uint64_t> words[2];
};

struct alignas(kPageBytes) LaneSlot {
    // Line 0: who. `owner` claims the slot (compare-and-swap from 0) and signs it; the rest is
    // written by the owner before its bit in BoardHeader::attached is set.
    std::atomic<std::uint64_t> owner;    // a ProcessWord; 0: free
    std::atomic<std::int32_t> priority;  // may change; BoardHeader::epoch tells
    std::atomic<std::uint32_t>
        generation;                    // +1 at every attach: tells a new lane from the one before
    char name[kLaneNameBytes];         // for people; not terminated if full
    std::atomic<std::uint32_t> image;  // the owner's ImageMark: a lane does not survive an exec()

    // Line 1: how busy. Written by the owner, read by lower lanes only while its `busy` bit is set;
    // `held_since_ns` by its equals, who give their shift to one that waits.
    // The lane is busy while running > 0 or now < busy_until_ns. The second is a lease: a lane that
    // dies or hangs stops being busy by itself. Past its lease it is busy for at most a second more
    // while the device has not reached the marker in `awaited` (awaited.h).
    alignas(kLineBytes) std::atomic<std::uint64_t> busy_until_ns;
    std::atomic<std::uint32_t>
        running;  // threads inside synchronous work, or waiting for the device
    std::atomic<std::uint32_t> expected_slack_us;  // how far off expected_ns may be
    std::atomic<std::uint64_t> held_since_ns;      // 0: not held
    std::atomic<std::uint64_t> expected_ns;  // when it should turn busy next; 0: cannot be told
    std::atomic<std::uint32_t> period_us;    // from one such time to the next
    std::atomic<std::uint32_t> leeway_us;    // how much later the device may begin with it
    std::atomic<std::uint64_t> awaited;      // 0: none

    // Line 2 and 3: counters (headway_counters_t says what each means). Written by the owner.
    alignas(kLineBytes) std::atomic<std::uint64_t> passed;
    std::atomic<std::uint64_t> gated;
    std::atomic<std::uint64_t> held;
    std::atomic<std::uint64_t> bypassed;
    std::atomic<std::uint64_t> markers;
    std::atomic<std::uint64_t> hold_ns;
    std::atomic<std::uint64_t> window_ns;
    std::atomic<std::uint64_t> hold_timeouts;

    // Line 4: written by the device, in the order of each stream: the last marker that it passed.
    alignas(kLineBytes) std::atomic<std::uint32_t> progress[kTrackCountMax];

    // Line 5: what the lane is doing, for people. Written by the owner, seldom.
    alignas(kLineBytes) std::atomic<std::uint32_t> timeslice_us;  // in force now; 0: the driver's
    std::atomic<std::uint32_t> budget_us;                         // the window's limit
    std::atomic<std::uint32_t> window_us;  // predicted work in the window at its last marker

    // Line 6: the trace, written only while BoardHeader::tracer is set; see board/trace_ring.h.
    alignas(kLineBytes) std::atomic<std::uint64_t> trace_count;  // events ever written to the ring
    std::atomic<std::uint64_t> trace_first;      // trace_count when this lane attached
    std::atomic<std::uint64_t> active_since_ns;  // the span that has not ended: open_activity()
    std::atomic<std::uint64_t> active_until_ns;  // and its end, if nothing follows

    // Line 8 and on.
    alignas(kLineBytes * 8) TraceCell trace[kTraceEventCount];
};

inline constexpr std::size_t kBoardBytes = sizeof(BoardHeader) + kLaneCountMax * sizeof(LaneSlot);

// The counters of a slot, so that they can be reset, copied and shown by one loop.
struct CounterField {
    const char* name;
    std::atomic<std::uint64_t> LaneSlot::*field;
};

inline constexpr CounterField kCounterFields[] = {
    {"passed", &LaneSlot::passed},
    {"gated", &LaneSlot::gated},
    {"held", &LaneSlot::held},
    {"bypassed", &LaneSlot::bypassed},
    {"markers", &LaneSlot::markers},
    {"hold_ns", &LaneSlot::hold_ns},
    {"window_ns", &LaneSlot::window_ns},
    {"hold_timeouts", &LaneSlot::hold_timeouts},
};

static_assert(sizeof(BoardHeader) == kPageBytes && sizeof(LaneSlot) == kPageBytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");
static_assert(offsetof(BoardHeader, epoch) == 64 && offsetof(BoardHeader, wake_count) == 128);
static_assert(offsetof(BoardHeader, shift) == 256);
static_assert(offsetof(LaneSlot, trace) == 8 * kLineBytes);

}  // namespace headway::board
