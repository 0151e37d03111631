// What goes wrong around a scheduled CUDA program: its neighbours die or stop, the board cannot be
// had, the driver refuses what Headway asks of it. The program runs on, and one line says why.
#include "board/board.h"
#include "board/inspect.h"
#include "tests/e2e/background.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

namespace headway::e2e {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What the stand-in driver's only GPU is called on the board.
constexpr char kBoard[] = "GPU-01020304-0506-0708-090a-0b0c0d0e0f10";

class FailureEndToEnd : public ::testing::Test {
 protected:
    FailureEndToEnd() {
        std::filesystem::create_directory(folder_ / "boards");
        ::setenv("HEADWAY_BOARD_DIR", (folder_ / "boards").c_str(), 1);
    }

    ~FailureEndToEnd() override { ::unsetenv("HEADWAY_BOARD_DIR"); }

    [[nodiscard]] Environment environment(const Environment& more) const {
        Environment all = more;
        all.emplace("LD_PRELOAD", HEADWAY_SHIM);
        all.emplace("HEADWAY_STATS", "1");
        all.emplace("HEADWAY_BOARD_DIR", folder_ / "boards");
        return all;
    }

    [[nodiscard]] Background start(const std::vector<std::string>& arguments,
                                   const Environment& more) const {
        std::vector<std::string> argv{HEADWAY_GPU_LOAD};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return Background(argv, environment(more));
    }

    // A low process that launches until it is stopped.
    [[nodiscard]] Background start_low(Environment more = {}) const {
        more.emplace("HEADWAY_PRIORITY", "1");
        return start({"low"}, more);
    }

    // A process of higher priority that never stops, and makes low wait.
    [[nodiscard]] Background start_busy() const {
        return start({"busy"}, {{"HEADWAY_PRIORITY", "10"}});
    }

    // Runs one launch to its end beside `rival` lanes, and expects it to work natively: what it
    // launched ran, and it said this one line besides the statistics.
    void expect_native_with_line(const Environment& more, const std::string& line) const {
        Background program = start({"once"}, more);
        EXPECT_EQ(program.wait(), 0) << text_of(program.errors());
        EXPECT_EQ(count_lines(program.output(), "launched once"), 1);
        const int lines = count_lines(program.errors(), "headway: ") -
                          count_lines(program.errors(), "headway: cuda: saw") -
                          count_lines(program.errors(), "headway: lane ");
        EXPECT_EQ(lines, line.empty() ? 0 : 1) << text_of(program.errors());
        EXPECT_GE(count_lines(program.errors(), line), line.empty() ? 0 : 1)
            << text_of(program.errors());
    }

    Folder folder_;
};

// Waits until a lane of the program is held.
bool is_held(const board::Board& board, const Background& program) {
    return wait_until([&] {
        for (std::uint32_t i = 0; i < board::kLaneCountMax; ++i) {
            const board::LaneInfo lane = board::inspect_lane(board, i);
            if (lane.pid == static_cast<std::uint32_t>(program.pid()) && lane.held) return true;
        }
        return false;
    });
}

TEST_F(FailureEndToEnd, LowGoesOnWhenABusyHighProcessIsKilled) {
    const Result<board::Board> board = board::Board::open(kBoard);
    ASSERT_TRUE(board.ok()) << board.status().message();
    Background low = start_low({{"HEADWAY_MAX_HOLD_MS", "60000"}});
    ASSERT_TRUE(low.says_more());
    Background high = start_busy();
    ASSERT_TRUE(high.says_more());
    ASSERT_TRUE(is_held(board.value(), low));
    high.signal(SIGKILL);
    const auto killed = steady_clock::now();
    EXPECT_EQ(high.wait(), 128 + SIGKILL);
    ASSERT_TRUE(low.says_more());  // ten kernels of 1 ms
    const duration<double, std::milli> resumed = steady_clock::now() - killed;
    std::printf("ten low kernels later: %.1f ms after the death\n", resumed.count());
    EXPECT_LT(resumed, std::chrono::seconds(10));  // far from the end of the hold itself
    EXPECT_EQ(low.stop(), 0) << text_of(low.output());
    EXPECT_EQ(count_lines(low.errors(), "timeouts 0"), 1) << text_of(low.errors());
    EXPECT_EQ(count_lines(low.errors(), "held 0 "), 0) << text_of(low.errors());
}

TEST_F(FailureEndToEnd, LowGoesOnWhenABusyHighProcessIsStopped) {
    bool held = false;
    for (int attempt = 0; attempt < 5 && !held; ++attempt) {
        Background low = start_low({{"HEADWAY_MAX_HOLD_MS", "50"}});
        ASSERT_TRUE(low.says_more());
        Background high = start_busy();
        ASSERT_TRUE(high.says_more());
        high.signal(SIGSTOP);  // mostly while it waits for its device, sometimes between two waits
        ASSERT_TRUE(low.says_more());
        EXPECT_EQ(low.stop(), 0) << text_of(low.output());
        EXPECT_EQ(count_lines(low.errors(), "timeouts "), 1) << text_of(low.errors());
        held = count_lines(low.errors(), "timeouts 0") == 0;
    }
    EXPECT_TRUE(held);
}

TEST_F(FailureEndToEnd, AKilledHeldLowProcessLeavesNothingBehind) {
    Result<board::Board> board = board::Board::open(kBoard);
    ASSERT_TRUE(board.ok()) << board.status().message();
    Background high = start_busy();
    ASSERT_TRUE(high.says_more());
    for (int i = 0; i < 5; ++i) {
        Background low = start_low({{"HEADWAY_MAX_HOLD_MS", "60000"}});
        ASSERT_TRUE(is_held(board.value(), low));
        low.signal(SIGKILL);
        EXPECT_EQ(low.wait(), 128 + SIGKILL);
        EXPECT_TRUE(high.says_more());
    }
    high.signal(SIGKILL);
    high.wait();
    board.value().reap();
    EXPECT_EQ(board.value().header().attached.load(), 0U);
}

TEST_F(FailureEndToEnd, OnAFullBoardTheProgramRunsUnscheduled) {
    Result<board::Board> board = board::Board::open(kBoard);
    ASSERT_TRUE(board.ok()) << board.status().message();
    for (std::uint32_t i = 0; i < board::kLaneCountMax; ++i)
        ASSERT_TRUE(board.value().attach(0, "taken").ok());
    expect_native_with_line({}, "running unscheduled: all 64 lanes of the board are taken");
}

TEST_F(FailureEndToEnd, ABoardOfAnotherVersionIsLeftAlone) {
    { const Result<board::Board> made = board::Board::open(kBoard); }
    const std::filesystem::path path = folder_ / "boards" / (std::string(kBoard) + ".board");
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(offsetof(board::BoardHeader, version));
        const std::uint32_t other = board::kLayoutVersion + 1;
        file.write(reinterpret_cast<const char*>(&other), sizeof(other));
    }
    const auto written = std::filesystem::last_write_time(path);
    expect_native_with_line({}, "another layout version");
    EXPECT_EQ(std::filesystem::last_write_time(path), written);
}

TEST_F(FailureEndToEnd, WithoutAPlaceForTheBoardTheProgramRunsUnscheduled) {
    std::ofstream(folder_ / "file") << "not a folder";
    expect_native_with_line({{"HEADWAY_BOARD_DIR", folder_ / "file"}}, "is not a folder");
    expect_native_with_line({{"HEADWAY_BOARD_DIR", "/proc/nowhere"}}, "set HEADWAY_BOARD_DIR");
    expect_native_with_line({{"HEADWAY_BOARD_DIR", std::string(3000, 'x')}}, "too long");
}

TEST_F(FailureEndToEnd, NonsenseInAVariableIsNamedAndTheDefaultUsed) {
    const Environment nonsense{{"HEADWAY_PRIORITY", "high"},
                               {"HEADWAY_THRESHOLD", "0"},
                               {"HEADWAY_BATCH_SIZE", "-1"},
                               {"HEADWAY_BUDGET_US", "99999999999999999999"},
                               {"HEADWAY_LINGER_US", "1e3"},
                               {"HEADWAY_MAX_HOLD_MS", " "}};
    for (const auto& [name, value] : nonsense)
        expect_native_with_line({{name, value}}, name + " is not a number from");
    expect_native_with_line(nonsense, "is not a number from");
    expect_native_with_line({{"HEADWAY_CUDA_DRIVER", "/nonexistent"}}, "is not a CUDA driver");
    expect_native_with_line({{"HEADWAY_DISABLE", "perhaps"}, {"HEADWAY_STATS", "0"}}, "");
}

TEST_F(FailureEndToEnd, ADriverThatRefusesMarkersLeavesAProgramWithoutAWindow) {
    const Result<board::Board> board = board::Board::open(kBoard);
    ASSERT_TRUE(board.ok()) << board.status().message();
    for (const char* refused : {"cuMemHostRegister_v2=801",
                                "cuStreamWriteValue32_v2=801",
                                "cuMemHostGetDevicePointer_v2=1",
                                "cuStreamWriteValue32_v2:3=700"}) {
        Background high = start_busy();
        ASSERT_TRUE(high.says_more());
        Background low = start_low({{"STANDIN_FAIL", refused}, {"HEADWAY_MAX_HOLD_MS", "40"}});
        EXPECT_TRUE(is_held(board.value(), low)) << refused;
        EXPECT_TRUE(low.says_more()) << refused;
        EXPECT_EQ(low.stop(), 0) << refused << text_of(low.output());
        EXPECT_EQ(count_lines(low.errors(), "held 0 "), 0) << text_of(low.errors());
    }
}

TEST_F(FailureEndToEnd, NoMarkerGoesToADestroyedStream) {
    Result<board::Board> board = board::Board::open(kBoard);
    ASSERT_TRUE(board.ok() && board.value().attach(10, "idle rival").ok());
    Background program = start({"streams", "100"}, {{"STANDIN_LOG", folder_ / "log"}});
    EXPECT_EQ(program.wait(), 0) << text_of(program.output());
    const std::vector<std::string> log = read_lines(folder_ / "log");
    EXPECT_GT(count_lines(log, "cuStreamWriteValue32_v2() = 0"), 0);
    EXPECT_EQ(count_lines(log, "cuStreamWriteValue32_v2() = 400"), 0);  // a handle that is none
}

TEST_F(FailureEndToEnd, ASecondGpuIsScheduledThoughTheFirstWasItsOwn) {
    std::string second = kBoard;
    second.back() = '1';
    Result<board::Board> board = board::Board::open(second.c_str());
    ASSERT_TRUE(board.ok() && board.value().attach(10, "idle rival").ok());
    Background program = start({"two-gpus"}, {{"STANDIN_DEVICES", "2"}});
    EXPECT_EQ(program.wait(), 0) << text_of(program.output());
    // Of 300 launches there at most as many pass as one thread counts by itself.
    EXPECT_EQ(count_lines(program.errors(), ", gated 2"), 1) << text_of(program.errors());
}

TEST_F(FailureEndToEnd, ThreadsOnTheirOwnDefaultStreamsDoNotStallEachOther) {
    Result<board::Board> board = board::Board::open(kBoard);
    ASSERT_TRUE(board.ok() && board.value().attach(10, "idle rival").ok());
    // A stall lasts until the longest hold (1 s) is over.
    Background program = start({"per-thread", "3"}, {});
    EXPECT_EQ(program.wait(), 0) << text_of(program.output());
    EXPECT_EQ(count_lines(program.errors(), "timeouts 0"), 1) << text_of(program.errors());
}

// A process of the same user that writes random bytes all over the board. Programs go on, each of
// their launches within its bound.
TEST_F(FailureEndToEnd, AHostileNeighbourStopsNobody) {
    const Environment bounded{{"HEADWAY_MAX_HOLD_MS", "2"}, {"HEADWAY_PRIORITY", "10"}};
    Background low = start_low({{"HEADWAY_MAX_HOLD_MS", "2"}});
    Background peer = start_low({{"HEADWAY_MAX_HOLD_MS", "2"}});
    Background high = start({"busy"}, bounded);
    ASSERT_TRUE(low.says_more());
    ASSERT_TRUE(peer.says_more());
    ASSERT_TRUE(high.says_more());
    std::mt19937_64 random(7);
    {
        Result<board::Board> board = board::Board::open(kBoard);
        ASSERT_TRUE(board.ok()) << board.status().message();
        auto* const bytes = reinterpret_cast<unsigned char*>(&board.value().header());
        const std::size_t lines = low.output().size() + 10;  // of ten launches each
        const auto end = steady_clock::now() + std::chrono::seconds(60);
        for (int round = 0; round < 1000 || low.output().size() < lines; ++round) {
            ASSERT_LT(steady_clock::now(), end) << "no launches among the noise";
            for (int i = 0; i < 1000; ++i)
                bytes[board::kLineBytes + random() % (board::kBoardBytes - board::kLineBytes)] =
                    static_cast<unsigned char>(random());
            std::this_thread::sleep_for(milliseconds(1));
        }
    }
    EXPECT_TRUE(high.says_more());
    EXPECT_TRUE(low.says_more());
    EXPECT_TRUE(peer.says_more());
    EXPECT_EQ(low.stop(), 0) << text_of(low.errors());
    EXPECT_EQ(peer.stop(), 0) << text_of(peer.errors());
}

TEST_F(FailureEndToEnd, AProgramWithoutCudaSaysNothing) {
    Background program = start({"nothing"}, {});
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(text_of(program.errors()), "");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "boards" / (std::string(kBoard) + ".board")));
}

#ifdef HEADWAY_STATIC_PROGRAM
TEST_F(FailureEndToEnd, AStaticProgramIsNotTouched) {
    Background program({HEADWAY_STATIC_PROGRAM}, environment({}));
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(text_of(program.errors()), "");
    EXPECT_EQ(text_of(program.output()), "static\n");
}
#endif

}  // namespace
}  // namespace headway::e2e
