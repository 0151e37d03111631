// Lanes whose process dies, stops, or leaves without a word: real processes on a real board. The
// others go on, within their bounds, and the board has all of its places again.
#include "board/board.h"
#include "board/inspect.h"
#include "headway/headway.hpp"
#include "tests/stress/neighbour.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace headway {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::Neighbour;

// Held lanes must go on this soon after a death. 100 ms are promised, and a loaded test machine
// gets fifty times as long: still far from the end of the hold itself, after kFarHoldMs at least.
constexpr milliseconds kRelease{5000};
constexpr std::uint32_t kFarHoldMs = 60'000;

// One piece of work of the calling thread's lane.
void work() {
    headway_begin();
    headway_end();
}

// A process whose lane of that priority is in the middle of a piece of work, for ever.
void stay_busy(int priority, const Neighbour::Told& told) {
    const Lane lane = Lane::open({.priority = priority});
    headway_lane_enter(lane.get());
    headway_begin();
    told.say();
    for (;;)
        ::pause();
}

// Waits until the condition holds; false if it does not within a minute.
template <typename Condition>
bool wait_until(const Condition& condition) {
    const auto deadline = steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        if (steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
}

// The name of the program that a process runs.
std::string program_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
}

// How many lanes can be opened here: all that are free or belong to the dead.
std::size_t free_places() {
    std::vector<headway_lane_t*> lanes;
    headway_lane_options_t options;
    headway_lane_options_init(&options);
    headway_lane_t* lane = nullptr;
    while (headway_lane_open(&options, &lane) == HEADWAY_OK)
        lanes.push_back(lane);
    for (headway_lane_t* opened : lanes)
        headway_lane_close(opened);
    return lanes.size();
}

class DeathTest : public ::testing::Test {
 protected:
    [[nodiscard]] std::size_t lanes_on_board() const {
        return board::inspect_board(boards_.board("cpu")).lanes.size();
    }

    test::TemporaryBoards boards_;
};

TEST_F(DeathTest, HeldThreadsGoOnWhenTheHighProcessIsKilled) {
    const Lane low = Lane::open({.priority = 1, .max_hold_ms = kFarHoldMs});
    const LaneScope scope(low);
    microseconds longest{0};
    for (int round = 0; round < 10; ++round) {
        Neighbour high([](const Neighbour::Told& told) { stay_busy(10, told); });
        ASSERT_TRUE(high.hear());
        std::atomic<steady_clock::time_point> killed{};
        std::thread killer([&] {
            std::this_thread::sleep_for(milliseconds(15 + 3 * round));
            killed = steady_clock::now();
            high.signal(SIGKILL);
        });
        work();
        const auto released = steady_clock::now();
        killer.join();
        ASSERT_GT(released, killed.load()) << "it was not held";
        longest = std::max(longest, duration_cast<microseconds>(released - killed.load()));
    }
    std::printf("released at most %.1f ms after the death\n",
                static_cast<double>(longest.count()) / 1e3);
    EXPECT_LT(longest, kRelease);
    EXPECT_EQ(low.counters().hold_timeouts, 0U);
}

TEST_F(DeathTest, AKilledHeldLaneLeavesNothingBehind) {
    const Lane high = Lane::open({.priority = 10});
    Neighbour low([](const Neighbour::Told& told) {
        const Lane lane = Lane::open({.priority = 1, .max_hold_ms = kFarHoldMs});
        headway_lane_enter(lane.get());
        told.say();
        for (;;)
            work();
    });
    ASSERT_TRUE(low.hear());
    const LaneScope scope(high);
    headway_begin();
    const auto is_held = [&] {
        const board::BoardInfo info = board::inspect_board(boards_.board("cpu"));
        return std::any_of(info.lanes.begin(), info.lanes.end(), [](const board::LaneInfo& lane) {
            return lane.held;
        });
    };
    EXPECT_TRUE(wait_until(is_held));
    low.kill();
    headway_end();
    for (int i = 0; i < 100; ++i)
        work();
    EXPECT_EQ(free_places(), board::kLaneCountMax - 1);
}

TEST_F(DeathTest, DyingInTheMiddleOfAttachingLosesNoPlace) {
    const Lane witness = Lane::open({.priority = 1, .max_hold_ms = 50});
    const LaneScope scope(witness);
    std::mt19937 random(1);
    for (int round = 0; round < 150; ++round) {
        Neighbour attaching([](const Neighbour::Told& told) {
            told.say();
            for (;;) {
                const Lane lane = Lane::open({.priority = 10});
                const LaneScope inside(lane);
                work();
            }
        });
        ASSERT_TRUE(attaching.hear());
        std::this_thread::sleep_for(microseconds(random() % 2000));
        attaching.kill();
        work();
    }
    EXPECT_EQ(free_places(), board::kLaneCountMax - 1);
}

TEST_F(DeathTest, AStoppedBusyProcessHoldsOthersForABoundedTimeOnly) {
    const Lane low = Lane::open({.priority = 1, .max_hold_ms = 50});
    Neighbour high([](const Neighbour::Told& told) { stay_busy(10, told); });
    ASSERT_TRUE(high.hear());
    high.signal(SIGSTOP);
    const LaneScope scope(low);
    const auto start = steady_clock::now();
    work();
    const auto first = steady_clock::now() - start;
    for (int i = 0; i < 8; ++i)
        work();
    EXPECT_GE(first, milliseconds(50));
    EXPECT_LT(first, kRelease);
    EXPECT_GE(low.counters().hold_timeouts, 1U);
    EXPECT_LT(steady_clock::now() - start, 4 * kRelease);
}

TEST_F(DeathTest, AProgramThatReplacesItselfHoldsNobody) {
    const Lane low = Lane::open({.priority = 1, .max_hold_ms = kFarHoldMs});
    Neighbour high([](const Neighbour::Told& told) {
        const Lane lane = Lane::open({.priority = 10});
        headway_lane_enter(lane.get());
        headway_begin();
        told.say();
        ::execl("/bin/sleep", "sleep", "30", nullptr);
    });
    ASSERT_TRUE(high.hear());
    ASSERT_TRUE(wait_until([&] { return program_of(high.pid()) == "sleep"; }));
    const LaneScope scope(low);
    const auto start = steady_clock::now();
    work();
    EXPECT_LT(steady_clock::now() - start, kRelease);
}

TEST_F(DeathTest, AThreadThatEndsInTheMiddleOfItsWorkHoldsNobody) {
    const Lane high = Lane::open({.priority = 10});
    const Lane low = Lane::open({.priority = 1, .max_hold_ms = kFarHoldMs});
    std::thread([&] {
        headway_lane_enter(high.get());
        headway_begin();
    }).join();
    const LaneScope scope(low);
    const auto start = steady_clock::now();
    work();
    EXPECT_LT(steady_clock::now() - start, kRelease);
}

TEST_F(DeathTest, ALeaseFromTheFutureIsBounded) {
    const Lane high = Lane::open({.priority = 10});
    const Lane low = Lane::open({.priority = 1, .max_hold_ms = 30});
    Result<board::Board> mapped = board::Board::open("cpu");
    ASSERT_TRUE(mapped.ok());
    mapped.value().slot(0).busy_until_ns = UINT64_MAX;
    mapped.value().header().busy = 1;
    const LaneScope scope(low);
    const auto start = steady_clock::now();
    work();
    EXPECT_GE(low.counters().hold_timeouts, 1U);
    EXPECT_LT(steady_clock::now() - start, kRelease);
}

TEST_F(DeathTest, TheSixtyFifthLaneIsToldWhy) {
    std::vector<Lane> lanes;
    for (std::uint32_t i = 0; i < board::kLaneCountMax; ++i)
        lanes.push_back(Lane::open({}));
    headway_lane_options_t options;
    headway_lane_options_init(&options);
    headway_lane_t* lane = nullptr;
    EXPECT_EQ(headway_lane_open(&options, &lane), HEADWAY_BOARD_FULL);
    EXPECT_NE(std::string(headway_last_error()).find("headway status"), std::string::npos);
    lanes.pop_back();
    EXPECT_EQ(headway_lane_open(&options, &lane), HEADWAY_OK);
    headway_lane_close(lane);
}

TEST_F(DeathTest, TenThousandStartsAndStopsLeaveAnEmptyBoard) {
    constexpr int kProcesses = 16;
    constexpr int kCycles = 625;
    {
        std::vector<std::unique_ptr<Neighbour>> all;
        for (int i = 0; i < kProcesses; ++i) {
            all.push_back(std::make_unique<Neighbour>([i](const Neighbour::Told&) {
                headway_lane_options_t options;
                headway_lane_options_init(&options);
                options.priority = i;
                options.linger_us = 0;
                options.max_hold_ms = 1;
                for (int cycle = 0; cycle < kCycles; ++cycle) {
                    headway_lane_t* lane = nullptr;
                    if (headway_lane_open(&options, &lane) != HEADWAY_OK) ::_exit(1);
                    headway_lane_enter(lane);
                    work();
                    if (headway_lane_leave(lane) != HEADWAY_OK) ::_exit(2);
                    headway_lane_close(lane);
                }
            }));
        }
        for (const auto& process : all)
            EXPECT_EQ(process->wait(), 0);
    }
    EXPECT_EQ(lanes_on_board(), 0U);
    Result<board::Board> mapped = board::Board::open("cpu");
    ASSERT_TRUE(mapped.ok());
    EXPECT_EQ(mapped.value().header().attached.load(), 0U);
    for (std::uint32_t i = 0; i < board::kLaneCountMax; ++i)
        EXPECT_EQ(mapped.value().slot(i).owner.load(), 0U) << i;
    EXPECT_EQ(free_places(), board::kLaneCountMax);
}

}  // namespace
}  // namespace headway
