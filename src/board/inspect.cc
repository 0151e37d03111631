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

}  // namespace

LaneInfo inspect_lane(const Board& board, std::uint32_t index) {
    const LaneSlot& slot = board.slot(index);
    const bool busy_bit = (board.header().busy.load(std::memory_order_acquire) >> index & 1) != 0;
    const std::uint64_t now = now_ns();
    LaneInfo lane;
    const ProcessWord owner = slot.owner.load(std::memory_order_acquire);
    lane.slot = index;
    lane.pid = process_pid(owner);
    lane.alive = process_alive(owner);
    lane.name = printable(slot.name, kLaneNameBytes);
    lane.priority = slot.priority.load(std::memory_order_relaxed);
    lane.busy = busy_bit && (slot.running.load(std::memory_order_relaxed) != 0 ||
                             now < slot.busy_until_ns.load(std::memory_order_relaxed));
    const std::uint64_t held_since_ns = slot.held_since_ns.load(std::memory_order_relaxed);
    lane.held = held_since_ns != 0;
    if (lane.held) lane.held_for_ns = now - std::min(now, held_since_ns);
    lane.generation = slot.generation.load(std::memory_order_relaxed);
    lane.timeslice_us = slot.timeslice_us.load(std::memory_order_relaxed);
    lane.budget_us = slot.budget_us.load(std::memory_order_relaxed);
    lane.window_us = slot.window_us.load(std::memory_order_relaxed);
    for (const CounterField& counter : kCounterFields) {
        lane.counters[counter.name] = (slot.*counter.field).load(std::memory_order_relaxed);
    }
    return lane;
}

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
    info.tracer_pid = process_pid(header.tracer.load(std::memory_order_relaxed));
    const std::uint64_t attached = header.attached.load(std::memory_order_acquire);
    for (std::uint32_t index = 0; index < kLaneCountMax; ++index) {
        if ((attached >> index & 1) == 0) continue;
        info.lanes.push_back(inspect_lane(board, index));
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
