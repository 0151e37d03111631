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
    bool busy = false;
    bool held = false;
    std::map<std::string, std::uint64_t> counters;  // named as in headway_counters_t
};

struct BoardInfo {
    std::string path;
    std::string device;
    std::string error;  // not empty: the file is not a board of this version, and why
    std::vector<LaneInfo> lanes;
};

// All boards in `directory`, in the order of their names; empty if there is no such folder. Touches
// nothing. May throw std::bad_alloc.
std::vector<BoardInfo> list_boards(const std::string& directory);

// Reads one board file; never fails: `error` says what is wrong with it.
BoardInfo inspect_board(const std::string& path);

}  // namespace headway::board
