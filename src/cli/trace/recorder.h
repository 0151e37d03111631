// Collects the trace events of all lanes of one device while it lives.
#pragma once

#include "base/status.h"
#include "board/board.h"
#include "board/inspect.h"
#include "board/trace_ring.h"

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace headway::cli {

inline constexpr std::uint32_t kNoTrack = UINT32_MAX;

// One lane, from its first event to its last.
struct TraceTrack {
    std::uint32_t pid = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::string name;  // printable characters only
    std::int32_t priority = 0;
};

struct TraceSpan {
    std::uint32_t track = kNoTrack;  // index into Trace::tracks
    std::uint32_t peer = kNoTrack;   // the lane that it waited for, if that is known
    board::TraceKind kind = board::TraceKind::kActive;
    bool open = false;  // it had not ended when the trace did
    std::uint64_t start_ns = 0;
    std::uint64_t duration_ns = 0;
};

// Launches of one lane per second, over the time up to `time_ns`.
struct TraceRate {
    std::uint32_t track = kNoTrack;
    std::uint64_t time_ns = 0;
    double launches_per_s = 0;
};

struct Trace {
    std::string device;
    std::uint64_t start_ns = 0;  // CLOCK_MONOTONIC
    std::uint64_t end_ns = 0;
    std::uint64_t lost_count = 0;     // events that lanes wrote faster than they were read
    std::uint64_t dropped_count = 0;  // old events that made room for new ones
    bool taken_over = false;          // the lanes took the recorder for dead, and stopped
    std::vector<TraceTrack> tracks;
    std::deque<TraceSpan> spans;
    std::deque<TraceRate> rates;
};

// One at a time per device. Not thread-safe. Its owner calls poll() every few milliseconds: the
// ring of a lane holds board::kTraceEventCount events.
class Recorder {
 public:
    // At most so many spans are kept; then the oldest go.
    static constexpr std::size_t kSpanCountMax = 1'000'000;
    // Further lanes are left out.
    static constexpr std::size_t kTrackCountMax = 100'000;

    Recorder() = default;
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    Recorder(Recorder&&) = delete;
    Recorder& operator=(Recorder&&) = delete;

    // Ends the trace on the board.
    ~Recorder();

    // Starts a trace of the device with that board; makes the board if there is none. Errors: those
    // of Board::open(), and kUnavailable while another process records.
    Status start(const std::string& device);

    // Reads what is new. False: the lanes stopped writing, because this process did not come here
    // for seconds.
    bool poll();

    // Ends the trace and hands it over.
    Trace finish();

 private:
    struct Slot {
        board::TraceCursor cursor;
        std::uint32_t track = kNoTrack;           // of the lane that is there now
        std::uint32_t previous_track = kNoTrack;  // of the one before it
        std::uint64_t first_number = 0;           // of the first event of the lane that is there
        std::uint64_t launch_count = 0;
        std::uint64_t launch_time_ns = 0;
    };

    void look_for_lanes();
    void read_slot(std::uint32_t index);
    void sample_rate(std::uint32_t index, std::uint64_t now_ns);
    void look_at_open_spans(std::uint32_t index, std::vector<TraceSpan>* open) const;
    bool has_ended(const TraceSpan& open) const;
    void add(TraceSpan span);

    board::Board board_;
    bool started_ = false;
    Trace trace_;
    std::array<Slot, board::kLaneCountMax> slots_;
};

}  // namespace headway::cli
