// What `headway top` shows: two looks at the boards, the rates between them, and the lines of the
// screen. No terminal here.
#pragma once

#include "board/inspect.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headway::cli {

// All boards of a folder at one moment.
struct BoardsSample {
    std::uint64_t time_ns = 0;
    std::vector<board::BoardInfo> boards;
};

BoardsSample sample_boards(const std::string& folder);

enum class LaneState : std::uint8_t { kRunning, kHeld, kIdle, kDead };

struct LaneRow {
    std::uint32_t pid = 0;
    std::string name;
    std::int32_t priority = 0;
    LaneState state = LaneState::kIdle;
    bool has_rates = false;  // false: the lane came after the earlier sample
    double launches_per_s = 0;
    double holds_per_s = 0;
    double hold_share = 0;  // of the time, 0..1
    std::uint32_t window_us = 0;
    std::uint32_t budget_us = 0;  // 0: no window
    std::uint32_t timeslice_us = 0;
};

struct DeviceTable {
    std::string device;
    std::string path;
    std::string error;             // not empty: the board can't be read, and why
    std::uint32_t tracer_pid = 0;  // 0: nobody records
    std::vector<LaneRow> lanes;
};

enum class SortKey : std::uint8_t { kPriority, kLaunches, kHold, kName };

// The lanes of `later`, with what happened since `earlier`, sorted.
std::vector<DeviceTable> tabulate(const BoardsSample& earlier,
                                  const BoardsSample& later,
                                  SortKey sort);

enum class LineKind : std::uint8_t { kDevice, kHeading, kRunning, kHeld, kIdle, kDead, kNote };

struct Line {
    LineKind kind;
    std::string text;  // printable ASCII, without a line end
};

std::vector<Line> table_lines(const std::vector<DeviceTable>& tables, const std::string& folder);

}  // namespace headway::cli
