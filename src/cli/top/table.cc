#include "cli/top/table.h"

#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>

namespace headway::cli {
namespace {

using board::BoardInfo;
using board::LaneInfo;

std::uint64_t counter(const LaneInfo& lane, const char* name) {
    const auto found = lane.counters.find(name);
    return found == lane.counters.end() ? 0 : found->second;
}

// Every launch is counted in one of these.
std::uint64_t launches(const LaneInfo& lane) {
    return counter(lane, "passed") + counter(lane, "gated") + counter(lane, "bypassed");
}

// 0 where a counter went back: its owner, or a stranger, wrote it anew.
double rate(std::uint64_t earlier, std::uint64_t later, double seconds) {
    return later > earlier && seconds > 0 ? static_cast<double>(later - earlier) / seconds : 0;
}

const LaneInfo* find_lane(const BoardInfo* board, const LaneInfo& lane) {
    if (board == nullptr) return nullptr;
    for (const LaneInfo& one : board->lanes) {
        if (one.slot == lane.slot && one.generation == lane.generation && one.pid == lane.pid) {
            return &one;
        }
    }
    return nullptr;
}

const BoardInfo* find_board(const BoardsSample& sample, const std::string& path) {
    for (const BoardInfo& board : sample.boards) {
        if (board.path == path) return &board;
    }
    return nullptr;
}

LaneRow make_row(const LaneInfo* earlier, const LaneInfo& later, double seconds) {
    LaneRow row;
    row.pid = later.pid;
    row.name = later.name;
    row.priority = later.priority;
    row.window_us = later.window_us;
    row.budget_us = later.budget_us;
    row.timeslice_us = later.timeslice_us;
    if (earlier != nullptr) {
        row.has_rates = true;
        row.launches_per_s = rate(launches(*earlier), launches(later), seconds);
        row.holds_per_s = rate(counter(*earlier, "held"), counter(later, "held"), seconds);
        row.hold_share = std::min(1.0,
                                  rate(counter(*earlier, "hold_ns") + earlier->held_for_ns,
                                       counter(later, "hold_ns") + later.held_for_ns,
                                       seconds * kNsPerS));
    }
    // A lane that nobody waits for does not say that it is busy: its launches do.
    const bool runs = later.busy || row.launches_per_s > 0;
    row.state = !later.alive ? LaneState::kDead
                : later.held ? LaneState::kHeld
                : runs       ? LaneState::kRunning
                             : LaneState::kIdle;
    return row;
}

// Whether `left` comes first. Equal ones stay in the order of their slots.
bool comes_first(const LaneRow& left, const LaneRow& right, SortKey sort) {
    switch (sort) {
        case SortKey::kLaunches:
            return left.launches_per_s > right.launches_per_s;
        case SortKey::kHold:
            return left.hold_share > right.hold_share;
        case SortKey::kName:
            return left.name < right.name;
        case SortKey::kPriority:
            break;
    }
    return left.priority > right.priority;
}

std::string count_text(double value) {
    return value < 9.95      ? fmt::format("{:.1f}", value)
           : value < 999'950 ? fmt::format("{:.0f}", value)
                             : fmt::format("{:.2f}M", value / 1e6);
}

std::pair<const char*, LineKind> describe(LaneState state) {
    switch (state) {
        case LaneState::kRunning:
            return {"running", LineKind::kRunning};
        case LaneState::kHeld:
            return {"held", LineKind::kHeld};
        case LaneState::kDead:
            return {"dead", LineKind::kDead};
        case LaneState::kIdle:
            break;
    }
    return {"idle", LineKind::kIdle};
}

Line row_line(const LaneRow& row) {
    const auto [state, kind] = describe(row.state);
    const auto rate_text = [&row](double value) {
        return row.has_rates ? count_text(value) : std::string("-");
    };
    const std::string window =
        row.budget_us == 0 ? "-" : fmt::format("{}/{}", row.window_us, row.budget_us);
    return {kind,
            fmt::format("{:>8} {:<15.15} {:>4} {:<7} {:>8} {:>7} {:>5} {:>11} {:>8}",
                        row.pid,
                        row.name,
                        row.priority,
                        state,
                        rate_text(row.launches_per_s),
                        rate_text(row.holds_per_s),
                        row.has_rates ? fmt::format("{:.0f}%", row.hold_share * 100) : "-",
                        window,
                        row.timeslice_us == 0 ? "-" : std::to_string(row.timeslice_us))};
}

}  // namespace

BoardsSample sample_boards(const std::string& folder) {
    BoardsSample sample;
    sample.boards = board::list_boards(folder);
    sample.time_ns = now_ns();
    return sample;
}

std::vector<DeviceTable> tabulate(const BoardsSample& earlier,
                                  const BoardsSample& later,
                                  SortKey sort) {
    const double seconds =
        static_cast<double>(later.time_ns - std::min(earlier.time_ns, later.time_ns)) / kNsPerS;
    std::vector<DeviceTable> tables;
    for (const BoardInfo& board : later.boards) {
        DeviceTable table{board.device, board.path, board.error, board.tracer_pid, {}};
        const BoardInfo* const before = find_board(earlier, board.path);
        for (const LaneInfo& lane : board.lanes) {
            table.lanes.push_back(make_row(find_lane(before, lane), lane, seconds));
        }
        std::stable_sort(table.lanes.begin(),
                         table.lanes.end(),
                         [sort](const LaneRow& left, const LaneRow& right) {
                             return comes_first(left, right, sort);
                         });
        tables.push_back(std::move(table));
    }
    return tables;
}

std::vector<Line> table_lines(const std::vector<DeviceTable>& tables, const std::string& folder) {
    std::vector<Line> lines;
    if (tables.empty()) {
        lines.push_back(
            {LineKind::kNote,
             fmt::format("No boards in {}: no program has opened a lane here.", folder)});
    }
    for (const DeviceTable& table : tables) {
        if (!table.error.empty()) {
            lines.push_back(
                {LineKind::kNote, fmt::format("skipped {}: {}", table.path, table.error)});
            continue;
        }
        std::string title = fmt::format("{}: {} {}",
                                        table.device,
                                        table.lanes.size(),
                                        table.lanes.size() == 1 ? "lane" : "lanes");
        if (table.tracer_pid != 0) title += fmt::format(", traced by {}", table.tracer_pid);
        lines.push_back({LineKind::kDevice, title});
        if (table.lanes.empty()) continue;
        lines.push_back({LineKind::kHeading,
                         fmt::format("{:>8} {:<15} {:>4} {:<7} {:>8} {:>7} {:>5} {:>11} {:>8}",
                                     "pid",
                                     "name",
                                     "prio",
                                     "state",
                                     "launch/s",
                                     "held/s",
                                     "hold%",
                                     "window us",
                                     "slice us")});
        for (const LaneRow& row : table.lanes) {
            lines.push_back(row_line(row));
        }
    }
    return lines;
}

}  // namespace headway::cli
