// `headway trace` of live processes: what it shows, and what happens when it dies.
#include "board/board.h"
#include "tests/cli/process.h"
#include "tests/cli/worker.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::Finished;
using test::Worker;
using testing::HasSubstr;

class Trace : public testing::Test {
 protected:
    std::string output() const { return boards_.path() / "trace.json"; }

    Finished trace(std::vector<std::string> more) const {
        std::vector<std::string> words = {HEADWAY_CLI_PATH, "trace", "-o", output()};
        words.insert(words.end(), more.begin(), more.end());
        return test::run_process(words);
    }

    json recorded() const { return json::parse(std::ifstream(output())); }

    pid_t start_trace() const {
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::execl(HEADWAY_CLI_PATH, HEADWAY_CLI_PATH, "trace", "-o", output().c_str(), nullptr);
            ::_exit(127);
        }
        return pid;
    }

    // False if the condition does not hold within a minute.
    template <typename Condition>
    static bool wait_until(const Condition& condition) {
        for (int i = 0; i < 6000; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(milliseconds(10));
        }
        return false;
    }

    // Waits for the board to have a recorder, or none.
    static bool wait_for_recorder(board::Board& board, bool present) {
        return wait_until([&] { return (board.header().tracer.load() != 0) == present; });
    }

    // Waits for that many more pieces of work of the lane in a slot. Meant for a lane that is
    // traced: it counts each of them at once.
    static bool wait_for_work(board::Board& board, std::uint32_t slot, std::uint64_t count) {
        const auto done = [&] {
            return board.slot(slot).gated.load() + board.slot(slot).passed.load();
        };
        const std::uint64_t target = done() + count;
        return wait_until([&] { return done() >= target; });
    }

    test::TemporaryBoards boards_;
};

struct Span {
    double begin_us;
    double end_us;
};

std::vector<Span> spans(const json& trace, const std::string& name, int track) {
    std::vector<Span> found;
    for (const json& event : trace["traceEvents"]) {
        if (event["ph"] != "X" || event["name"] != name || event["pid"] != track) continue;
        const double begin_us = event["ts"];
        found.push_back({begin_us, begin_us + event["dur"].get<double>()});
    }
    return found;
}

// The number of the lane in the trace, by the name it is shown with; 0: none.
int track_of(const json& trace, const std::string& shown) {
    for (const json& event : trace["traceEvents"]) {
        if (event["name"] == "process_name" && event["args"]["name"] == shown) return event["pid"];
    }
    return 0;
}

TEST_F(Trace, ShowsWhatTheHighLaneRanAndTheLowOneWasHeldFor) {
    Worker high("inference", 10, {50, 100, 3000});
    Worker low("training", 1, {1, 50, 0});
    const Finished finished = trace({"--duration", "1"});
    ASSERT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr("cpu: 2 lanes"));
    const json trace = recorded();
    EXPECT_EQ(trace["otherData"]["schema"], "headway.trace/1");
    EXPECT_EQ(trace["otherData"]["device"], "cpu");
    EXPECT_EQ(trace["otherData"]["lost_events"], 0);
    const int high_track =
        track_of(trace, "inference (priority 10, pid " + std::to_string(high.pid()) + ")");
    const int low_track =
        track_of(trace, "training (priority 1, pid " + std::to_string(low.pid()) + ")");
    ASSERT_NE(high_track, 0);
    ASSERT_NE(low_track, 0);
    const std::vector<Span> running = spans(trace, "running", high_track);
    const std::vector<Span> held = spans(trace, "held", low_track);
    EXPECT_GE(running.size(), 5U);
    EXPECT_GE(held.size(), 5U);
    EXPECT_TRUE(spans(trace, "held", high_track).empty());
    EXPECT_GE(spans(trace, "running", low_track).size(), 5U);
    // Every hold is for a request of the high lane, so it overlaps one.
    for (const Span& hold : held) {
        bool overlaps = false;
        for (const Span& run : running)
            overlaps = overlaps || (hold.begin_us < run.end_us && run.begin_us < hold.end_us);
        EXPECT_TRUE(overlaps) << hold.begin_us << " to " << hold.end_us;
    }
    // A hold that began before the trace, or has not ended with it, does not tell.
    std::size_t named_count = 0;
    for (const json& event : trace["traceEvents"]) {
        if (event["name"] != "held" || !event["args"].contains("for_pid")) continue;
        EXPECT_EQ(event["args"]["for_pid"], high.pid());
        ++named_count;
    }
    EXPECT_GE(named_count + 2, held.size());
}

TEST_F(Trace, ShowsALaneThatIsAloneAndOneThatComesLater) {
    constexpr int kPieces = 10;
    Worker alone("alone", 0, {kPieces, 100, 1000});
    const pid_t tracer = start_trace();
    Result<board::Board> board = board::Board::open("cpu");
    ASSERT_TRUE(board.ok());
    ASSERT_TRUE(wait_for_recorder(board.value(), true));
    ASSERT_TRUE(wait_for_work(board.value(), 0, 10 * kPieces));
    {
        Worker later("later", 0, {kPieces, 100, 1000});
        ASSERT_TRUE(wait_for_work(board.value(), 1, 10 * kPieces));
    }
    ::kill(tracer, SIGINT);
    int status = -1;
    ::waitpid(tracer, &status, 0);
    EXPECT_EQ(status, 0) << "Ctrl-C ends the recording, and the file is written";
    EXPECT_EQ(board.value().header().tracer.load(), 0U);
    const json trace = recorded();
    for (const char* name : {"alone", "later"}) {
        int track = 0;
        for (const json& event : trace["traceEvents"]) {
            if (event["name"] != "process_name") continue;
            const std::string shown = event["args"]["name"];
            if (shown.find(name) == 0) track = event["pid"];
        }
        ASSERT_NE(track, 0) << name;
        EXPECT_GE(spans(trace, "running", track).size(), 5U) << name;
    }
}

TEST_F(Trace, ARecorderThatIsKilledLeavesLanesWorkingAndTheTraceEnds) {
    Worker lane("steady", 0, {1, 100, 0});
    Result<board::Board> board = board::Board::open("cpu");
    ASSERT_TRUE(board.ok());
    const pid_t tracer = start_trace();
    ASSERT_TRUE(wait_for_recorder(board.value(), true));
    const Finished second = trace({"--duration", "0.1"});
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.err, HasSubstr("already, by process " + std::to_string(tracer)));
    ::kill(tracer, SIGKILL);
    ::waitpid(tracer, nullptr, 0);
    EXPECT_TRUE(wait_for_recorder(board.value(), false)) << "the lane ends it by itself";
    EXPECT_TRUE(wait_for_work(board.value(), 0, 1));
    EXPECT_EQ(lane.finish(), 0);
}

TEST_F(Trace, ALaneThatIsKilledIsInTheTrace) {
    Worker doomed("doomed", 0, {1, 100, 500});
    const pid_t tracer = start_trace();
    Result<board::Board> board = board::Board::open("cpu");
    ASSERT_TRUE(board.ok());
    ASSERT_TRUE(wait_for_recorder(board.value(), true));
    ASSERT_TRUE(wait_for_work(board.value(), 0, 10));
    const pid_t pid = doomed.pid();
    doomed.kill();
    ::kill(tracer, SIGTERM);
    int status = -1;
    ::waitpid(tracer, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_NE(track_of(recorded(), "doomed (priority 0, pid " + std::to_string(pid) + ")"), 0);
}

TEST_F(Trace, SaysWhatItCannotDo) {
    const Finished none = trace({});
    EXPECT_EQ(none.status, 2);
    EXPECT_THAT(none.err, HasSubstr("--device"));
    EXPECT_EQ(test::run_process({HEADWAY_CLI_PATH, "trace"}).status, 2);
    ASSERT_TRUE(board::Board::open("GPU-1a").ok());
    ASSERT_TRUE(board::Board::open("GPU-1b").ok());
    const Finished two = trace({});
    EXPECT_EQ(two.status, 2);
    EXPECT_THAT(two.err, HasSubstr("GPU-1a, GPU-1b"));
    EXPECT_EQ(trace({"--device", "GPU-1", "--duration", "0.1"}).status, 2);
    EXPECT_EQ(trace({"--device", "GPU-1b", "--duration", "0.1"}).status, 0);
    const Finished nowhere = test::run_process(
        {HEADWAY_CLI_PATH, "trace", "--device", "GPU-1a", "-o", "/proc/nowhere/trace.json"});
    EXPECT_EQ(nowhere.status, 2);
    EXPECT_THAT(nowhere.err, HasSubstr("No such file"));
    const Finished full = test::run_process(
        {HEADWAY_CLI_PATH, "trace", "--device", "GPU-1a", "--duration", "0.1", "-o", "/dev/full"});
    EXPECT_EQ(full.status, 1);
    EXPECT_THAT(full.err, HasSubstr("No space left"));
}

}  // namespace
}  // namespace headway
