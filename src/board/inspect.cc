#include "board/inspect.h"

#include "base/clock.h"
#include "base/process.h"
#include "board/board.h"

#include <algorithm>
#include <filesystem>

namespace headway::board {

namespace {

// Text from a board may hold anything, and ends up on a terminal.
std::string printable(const char* text, std::size_t bytes_max) {
    std::string out;
    for (std::size_t i = 0; i < bytes_max && text[i] != '\0'; ++i) {
        out += text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
    return out;
}

LaneInfo inspect_lane(const LaneSlot& slot, std::uint32_t index, bool busy_bit, std::uint64_t now) {
    LaneInfo lane;
    const ProcessWord owner = slot.owner.load(std::memory_order_acquire);
    lane.slot = index;
    lane.pid = process_pid(owner);
    lane.alive = process_alive(owner);
    lane.name = printable(slot.name, kLaneNameBytes);
    lane.priority = slot.priority.load(std::memory_order_relaxed);
    lane.busy = busy_bit && (slot.running.load(std::memory_order_relaxed) != 0 ||
                             now < slot.busy_until_ns.load(std::memory_order_relaxed));
    lane.held = slot.held_since_ns.load(std::memory_order_relaxed) != 0;
    for (const CounterField& counter : kCounterFields) {
        lane.counters[counter.name] = (slot.*counter.field).load(std::memory_order_relaxed);
    }
    return lane;
}

}  // namespace

BoardInfo inspect_board(const std::string& path) {
    BoardInfo info;
    info.path = path;
    const Result<Board> opened = Board::open_read_only(path.c_str());
    if (!opened.ok()) {
        info.error = opened.status().message();
        return info;
    }
    const Board& board = opened.value();
    const BoardHeader& header = board.header();
    info.device = printable(header.device, kDeviceNameBytes);
    const std::uint64_t attached = header.attached.load(std::memory_order_acquire);
    const std::uint64_t busy = header.busy.load(std::memory_order_acquire);
    const std::uint64_t now = now_ns();
    for (std::uint32_t index = 0; index < kLaneCountMax; ++index) {
        if ((attached >> index & 1) == 0) continue;
        info.lanes.push_back(inspect_lane(board.slot(index), index, (busy >> index & 1) != 0, now));
    }
    return info;
}

std::vector<BoardInfo> list_boards(const std::string& directory) {
    std::vector<BoardInfo> boards;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().extension() == ".board") boards.push_back(inspect_board(entry->path()));
    }
    std::sort(boards.begin(), boards.end(), [](const BoardInfo& left, const BoardInfo& right) {
        return left.path < right.path;
    });
    return boards;
}

}  // namespace headway::board
