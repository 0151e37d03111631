// Boards as data, for people and tools: copies, checked, of what the files say at one moment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headway::board {

struct LaneInfo {
    std::uint32_t slot = 0;
    std::uint32_t pid = 0;
    bool alive = false;  // false: its process is dead, and the next lane that looks will reap it
    std::string name;    // printable characters only
    std::int32_t priority = 0;
    std::uint32_t generation = 0;  // with `slot`: tells one lane from the next in its place
    bool busy = false;
    bool held = false;
    std::uint64_t held_for_ns = 0;   // how long the present hold has lasted; not in hold_ns yet
    std::uint32_t timeslice_us = 0;  // on the device now; 0: the driver's own
    std::uint32_t budget_us = 0;     // the window's limit; 0: it has no window
    std::uint32_t window_us = 0;     // predicted work in the window at its last marker
    std::map<std::string, std::uint64_t> counters;  // named as in headway_counters_t
};

struct BoardInfo {
    std::string path;
    std::string device;
    std::uint32_t tracer_pid = 0;  // who records a trace of it; 0: nobody
    std::string error;             // not empty: the file is not a board of this version, and why
    std::vector<LaneInfo> lanes;
};

class Board;

// The lane in slot `index` of a mapped board.
LaneInfo inspect_lane(const Board& board, std::uint32_t index);

// All boards in `directory`, in the order of their names; empty if there is no such folder. Touches
// nothing. May throw std::bad_alloc.
std::vector<BoardInfo> list_boards(const std::string& directory);

// Reads one board file; never fails: `error` says what is wrong with it.
BoardInfo inspect_board(const std::string& path);

}  // namespace headway::board
