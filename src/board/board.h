// A mapped board: opening it, taking a slot on it, leaving it, and reaping the dead.
#pragma once

#include "base/process.h"
#include "base/status.h"
#include "board/layout.h"

#include <cstddef>
#include <cstdint>

namespace headway::board {

// The folder of this user's boards: $HEADWAY_BOARD_DIR, or /dev/shm/headway-<uid>. Written to `out`
// (`bytes` long). Errors: kInvalidArgument if it is too long.
Status board_directory(char* out, std::size_t bytes) noexcept;

// One mapped board file. Movable. Every method is thread-safe, and safe against other processes
// that do the same; none blocks.
class Board {
 public:
    Board() noexcept = default;
    Board(Board&& other) noexcept;
    Board& operator=(Board&& other) noexcept;
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;
    ~Board();

    // Opens the board of `device` (letters, digits, '.', '-', '_' and ':' only), creating it with
    // mode 0600 in a folder of mode 0700 if there is none. A file that is not a board of this
    // version is left as it is. Errors: kInvalidArgument, kUnavailable (the folder or file can't be
    // made or mapped), kCorrupt (not a board, or of another version or size); the message names the
    // remedy.
    static Result<Board> open(const char* device) noexcept;

    // Opens an existing board file read-only, for status. Errors: kNotFound, kUnavailable,
    // kCorrupt.
    static Result<Board> open_read_only(const char* path) noexcept;

    bool valid() const noexcept { return header_ != nullptr; }

    // Shared with other processes; owned by this object. Not null when valid().
    BoardHeader& header() const noexcept { return *header_; }

    LaneSlot& slot(std::uint32_t index) const noexcept { return slots_[index]; }

    // Takes a free slot for a lane of the calling process, reaping dead owners if there is none.
    // Returns its index. Errors: kFull.
    Result<std::uint32_t> attach(std::int32_t priority, const char* name) noexcept;

    // Gives a slot back if the calling process still owns it (not so in a forked child).
    void detach(std::uint32_t index) noexcept;

    // Frees the slots of dead processes and wakes whoever waited for them. Returns how many. One or
    // two system calls per attached lane.
    std::uint32_t reap() noexcept;

    // Makes the calling process the one that records a trace: lanes write events into their rings
    // from their next launch on, and none of them is alone() meanwhile. False: another process
    // records. The recorder keeps BoardHeader::tracer_beat_ns fresh.
    bool begin_trace(std::uint64_t now_ns) noexcept;

    // Whether the recorder's beat is younger than kTracerLeaseNs.
    bool trace_is_live(std::uint64_t now_ns) const noexcept;

    // Ends the trace of `tracer`, if it is the one that records.
    void end_trace(ProcessWord tracer) noexcept;

    // Tells all lanes that membership or a priority changed.
    void announce() noexcept;

    // Unmaps without touching the slots.
    void close() noexcept;

    // The mapping stays until the process ends, also when this object goes.
    void abandon() noexcept { abandoned_ = true; }

 private:
    static Result<Board> map(int fd, bool writable, const char* path) noexcept;
    bool try_claim(std::uint32_t index, ProcessWord expected, ProcessWord self) noexcept;
    void clear(std::uint32_t index) noexcept;

    BoardHeader* header_ = nullptr;
    LaneSlot* slots_ = nullptr;
    bool abandoned_ = false;
};

}  // namespace headway::board
