// A process of the same user that writes random bytes on the board while lanes of two others work,
// and a third one comes and goes. Nobody crashes, and no piece of work waits beyond its bound.
#include "board/board.h"
#include "headway/headway.h"
#include "tests/stress/neighbour.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>

namespace headway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::Neighbour;

// One hold ends after max_hold_ms; the rest is for a loaded machine.
constexpr std::uint32_t kMaxHoldMs = 2;
constexpr milliseconds kBound{1000};

seconds duration() {
    const char* const text = std::getenv("HEADWAY_STRESS_SECONDS");
    return seconds(text != nullptr ? std::atoi(text) : 2);
}

headway_lane_t* open_lane(int priority) {
    headway_lane_options_t options;
    headway_lane_options_init(&options);
    options.priority = priority;
    options.max_hold_ms = kMaxHoldMs;
    headway_lane_t* lane = nullptr;
    const headway_status_t status = headway_lane_open(&options, &lane);
    return status == HEADWAY_OK ? lane : nullptr;
}

// Works until the end; exits with 0, or with 3 if one piece of work took too long.
[[noreturn]] void work_until(steady_clock::time_point end, headway_lane_t* lane) {
    headway_lane_enter(lane);
    steady_clock::duration longest{0};
    for (auto now = steady_clock::now(); now < end;) {
        headway_begin();
        headway_end();
        const auto after = steady_clock::now();
        longest = std::max(longest, after - now);
        now = after;
    }
    headway_lane_idle(lane);
    headway_lane_leave(lane);
    headway_lane_close(lane);
    ::_exit(longest < kBound ? 0 : 3);
}

// Lanes open or not: the board may be anything. What opens must work and close.
[[noreturn]] void come_and_go_until(steady_clock::time_point end) {
    while (steady_clock::now() < end) {
        headway_lane_t* const lane = open_lane(5);
        if (lane == nullptr) continue;
        headway_lane_enter(lane);
        headway_begin();
        headway_end();
        headway_lane_leave(lane);
        headway_lane_close(lane);
    }
    ::_exit(0);
}

// Random bytes, whole words, and words that are nearly right, all over the board.
void scribble_until(steady_clock::time_point end, board::Board& board) {
    auto* const bytes = reinterpret_cast<unsigned char*>(&board.header());
    std::mt19937_64 random(11);
    while (steady_clock::now() < end) {
        for (int i = 0; i < 200; ++i) {
            // Half of the bytes go where every launch looks: the header and the first slots.
            const std::size_t range =
                random() % 2 == 0 ? 3 * board::kPageBytes : board::kBoardBytes;
            const std::size_t at =
                board::kLineBytes + random() % (range - board::kLineBytes - sizeof(std::uint64_t));
            const std::uint64_t value = random() % 4 == 0 ? UINT64_MAX : random();
            std::memcpy(bytes + at, &value, random() % 2 == 0 ? 1 : sizeof(value));
        }
        ::usleep(200);
    }
}

TEST(HostileTest, RandomBytesOnTheBoardStopNobody) {
    const test::TemporaryBoards boards;
    headway_lane_close(open_lane(0));  // makes the board
    const auto end = steady_clock::now() + duration();
    Neighbour high([&](const Neighbour::Told& told) {
        headway_lane_t* const lane = open_lane(10);
        told.say();
        work_until(end, lane);
    });
    Neighbour low([&](const Neighbour::Told& told) {
        headway_lane_t* const lane = open_lane(1);
        told.say();
        work_until(end, lane);
    });
    ASSERT_TRUE(high.hear());
    ASSERT_TRUE(low.hear());
    Result<board::Board> board = board::Board::open("cpu");
    ASSERT_TRUE(board.ok()) << board.status().message();
    Neighbour passing([&](const Neighbour::Told&) { come_and_go_until(end); });
    scribble_until(end - milliseconds(200), board.value());
    EXPECT_EQ(high.wait(), 0);
    EXPECT_EQ(low.wait(), 0);
    EXPECT_EQ(passing.wait(), 0);
}

}  // namespace
}  // namespace headway
