// What lanes are doing now, and why one may be doing less than it should.
#include "board/layout.h"
#include "cli/doctor/sections.h"

#include <fmt/format.h>

#include <algorithm>

namespace headway::doctor {
namespace {

using board::BoardInfo;
using board::LaneInfo;

// A lane that was held up at so many launches has met rivals, and should have used a marker.
constexpr std::uint64_t kGatedMin = 1000;

std::uint64_t counter(const LaneInfo& lane, const char* name) {
    const auto found = lane.counters.find(name);
    return found == lane.counters.end() ? 0 : found->second;
}

bool is_gpu(const BoardInfo& board) {
    return board.device.rfind("GPU-", 0) == 0;
}

// Somebody of higher priority in another process, whom this one's process does not outrank itself.
bool is_outranked(const BoardInfo& board, const LaneInfo& self) {
    std::int32_t best_here = self.priority;
    std::int32_t best_elsewhere = INT32_MIN;
    for (const LaneInfo& lane : board.lanes) {
        if (!lane.alive) continue;
        std::int32_t& best = lane.pid == self.pid ? best_here : best_elsewhere;
        best = std::max(best, lane.priority);
    }
    return best_elsewhere > best_here;
}

bool has_higher(const BoardInfo& board, const LaneInfo& self) {
    return std::any_of(board.lanes.begin(), board.lanes.end(), [&](const LaneInfo& lane) {
        return lane.alive && lane.priority > self.priority;
    });
}

std::string activity(const LaneInfo& lane) {
    std::string text = fmt::format("process {}, priority {}, {}",
                                   lane.pid,
                                   lane.priority,
                                   lane.held   ? "held"
                                   : lane.busy ? "busy"
                                               : "idle");
    if (lane.budget_us != 0) {
        text += fmt::format(", window {} of {} us", lane.window_us, lane.budget_us);
    }
    if (lane.timeslice_us != 0) text += fmt::format(", timeslice {} us", lane.timeslice_us);
    for (const char* name : {"passed", "gated", "held", "bypassed", "markers", "hold_timeouts"}) {
        if (counter(lane, name) != 0) text += fmt::format(", {} {}", name, counter(lane, name));
    }
    return text;
}

// The first reason for which the lane does less than it should.
Finding explained(const BoardInfo& board, const LaneInfo& lane, Finding finding) {
    const auto is = [&finding](State state, const char* reason, const char* remedy) {
        finding.state = state;
        finding.text += std::string("; ") + reason;
        finding.remedy = remedy;
        return finding;
    };
    if (!lane.alive) {
        return is(State::kNote, "its process is dead; the next lane clears it away", "");
    }
    if (counter(lane, "hold_timeouts") != 0) {
        return is(State::kNote,
                  "some of its holds reached max_hold_ms, so launches went while a higher lane was "
                  "busy",
                  "the higher lane is busy for longer than that: raise --max-hold-ms, or let it "
                  "synchronise between requests");
    }
    if (is_gpu(board) && has_higher(board, lane) && counter(lane, "gated") >= kGatedMin &&
        counter(lane, "markers") == 0) {
        return is(State::kProblem,
                  "it has no markers, hence no window: the driver refused to register the board's "
                  "memory (cuMemHostRegister) or to write to it (cuStreamWriteValue32)",
                  "it is still held while a higher lane is busy; in a container, allow locked "
                  "memory (ulimit -l)");
    }
    if (is_gpu(board) && is_outranked(board, lane) && lane.timeslice_us == 0) {
        return is(State::kNote,
                  "the driver's own timeslice, beside a higher program",
                  "with MPS, HEADWAY_TIMESLICE_US=off, or a driver that refuses it, a running "
                  "kernel is not taken off; with none of these, it launched nothing since the "
                  "other came");
    }
    if (counter(lane, "bypassed") != 0) {
        return is(State::kNote, "some launches ran unscheduled", "");
    }
    return finding;
}

}  // namespace

std::vector<Finding> examine_lanes(const BoardInfo& board) {
    std::vector<Finding> findings;
    for (const LaneInfo& lane : board.lanes) {
        findings.push_back(explained(
            board, lane, {fmt::format("lane {}", lane.name), State::kOk, activity(lane), ""}));
    }
    if (board.lanes.size() == board::kLaneCountMax) {
        findings.push_back({"lanes",
                            State::kProblem,
                            "all places are taken: further lanes run unscheduled",
                            "end some of the programs above"});
    }
    return findings;
}

}  // namespace headway::doctor
