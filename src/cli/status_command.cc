#include "base/version.h"
#include "board/board.h"
#include "board/inspect.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace headway::cli {
namespace {

using board::BoardInfo;
using board::LaneInfo;

const char* state_of(const LaneInfo& lane) {
    if (!lane.alive) return "dead";
    if (lane.held) return "held";
    return lane.busy ? "busy" : "idle";
}

std::uint64_t counter(const LaneInfo& lane, const char* name) {
    const auto found = lane.counters.find(name);
    return found == lane.counters.end() ? 0 : found->second;
}

std::string lane_line(const LaneInfo& lane) {
    return fmt::format(
        "  {:>4}  {:>8}  {:<20.20}  {:>8}  {:<5}  {:>12}  {:>12}  {:>10}  {:>8}  {:>10}\n",
        lane.slot,
        lane.pid,
        lane.name,
        lane.priority,
        state_of(lane),
        counter(lane, "passed"),
        counter(lane, "gated"),
        counter(lane, "held"),
        counter(lane, "bypassed"),
        counter(lane, "hold_ns") / 1'000'000);
}

std::string board_text(const BoardInfo& board) {
    if (!board.error.empty()) return fmt::format("skipped {}: {}\n", board.path, board.error);
    std::string text = fmt::format("{} ({} {}, {})\n",
                                   board.device,
                                   board.lanes.size(),
                                   board.lanes.size() == 1 ? "lane" : "lanes",
                                   board.path);
    if (board.lanes.empty()) return text;
    text +=
        fmt::format("  {:>4}  {:>8}  {:<20}  {:>8}  {:<5}  {:>12}  {:>12}  {:>10}  {:>8}  {:>10}\n",
                    "slot",
                    "pid",
                    "name",
                    "priority",
                    "state",
                    "passed",
                    "gated",
                    "held",
                    "bypassed",
                    "held ms");
    for (const LaneInfo& lane : board.lanes) {
        text += lane_line(lane);
    }
    return text;
}

nlohmann::json board_json(const BoardInfo& board) {
    nlohmann::json json = {{"path", board.path}};
    if (!board.error.empty()) {
        json["error"] = board.error;
        return json;
    }
    json["device"] = board.device;
    json["lanes"] = nlohmann::json::array();
    for (const LaneInfo& lane : board.lanes) {
        json["lanes"].push_back({{"slot", lane.slot},
                                 {"pid", lane.pid},
                                 {"alive", lane.alive},
                                 {"name", lane.name},
                                 {"priority", lane.priority},
                                 {"busy", lane.busy},
                                 {"held", lane.held},
                                 {"timeslice_us", lane.timeslice_us},
                                 {"budget_us", lane.budget_us},
                                 {"window_us", lane.window_us},
                                 {"counters", lane.counters}});
    }
    return json;
}

}  // namespace

int run_status(bool as_json) {
    char directory[4096];
    const Status found = board::board_directory(directory, sizeof directory);
    if (!found.ok()) {
        complain("status", found.message());
        return kExitBadArguments;
    }
    const std::vector<BoardInfo> boards = board::list_boards(directory);
    if (as_json) {
        nlohmann::json json = {{"schema", "headway.status/1"},
                               {"version", kVersion},
                               {"directory", directory},
                               {"boards", nlohmann::json::array()}};
        for (const BoardInfo& board : boards) {
            json["boards"].push_back(board_json(board));
        }
        return print(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    std::string text;
    for (const BoardInfo& board : boards) {
        text += board_text(board);
    }
    if (boards.empty()) {
        text = fmt::format("No boards in {}: no program has opened a lane here.\n", directory);
    }
    return print(text);
}

}  // namespace headway::cli
