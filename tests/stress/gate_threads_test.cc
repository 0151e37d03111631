// Several threads in one gate: what they share must not go wrong when they come at the same moment,
// wait long, or are cancelled.
#include "base/clock.h"
#include "base/process.h"
#include "board/board.h"
#include "gate/lane.h"
#include "headway/headway.hpp"
#include "tests/stress/neighbour.h"
#include "tests/support/stub_device.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace headway {
namespace {

using std::chrono::milliseconds;

std::uint64_t cpu_ns_of(std::thread& thread) {
    clockid_t clock{};
    timespec time{};
    ::pthread_getcpuclockid(thread.native_handle(), &clock);
    ::clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * kNsPerS +
           static_cast<std::uint64_t>(time.tv_nsec);
}

class GateThreadsTest : public ::testing::Test {
 protected:
    // Another lane on the board of that device, above all others, that is busy until release().
    void hold_everybody(const char* device) {
        Result<board::Board> opened = board::Board::open(device);
        ASSERT_TRUE(opened.ok());
        board_ = std::move(opened.value());
        const Result<std::uint32_t> slot = board_.attach(255, "busy");
        ASSERT_TRUE(slot.ok());
        slot_ = slot.value();
        board_.slot(slot_).busy_until_ns = UINT64_MAX;
        board_.header().busy.fetch_or(std::uint64_t{1} << slot_);
    }

    void release() { board_.detach(slot_); }

    test::TemporaryBoards boards_;
    board::Board board_;
    std::uint32_t slot_ = 0;
};

TEST_F(GateThreadsTest, ALaneEnteredInTheMiddleOfWorkIsNotChargedWithItsEnd) {
    const Lane outer = Lane::open({.priority = 10});
    const Lane inner = Lane::open({.priority = 10});
    const Lane lower = Lane::open({.priority = 1});
    {
        const LaneScope scope(outer);
        headway_begin();
        { const LaneScope nested(inner); }
        headway_end();
        headway_begin();
        {
            const LaneScope nested(inner);
            headway_end();
        }
    }
    Result<board::Board> board = board::Board::open("cpu");
    ASSERT_TRUE(board.ok());
    EXPECT_EQ(board.value().slot(0).running.load(), 0U);
    EXPECT_EQ(board.value().slot(1).running.load(), 0U);
    EXPECT_EQ(outer.counters().gated, 2U);
    EXPECT_EQ(inner.counters().gated, 0U);
}

TEST_F(GateThreadsTest, AnOverdueWindowIsSharedAndNotMultiplied) {
    constexpr int kThreads = 8;
    const Lane low = Lane::open({.priority = 1, .threshold = 2, .max_hold_ms = 1});
    hold_everybody("cpu");
    const auto end = std::chrono::steady_clock::now() + milliseconds(600);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            const LaneScope scope(low);
            while (std::chrono::steady_clock::now() < end) {
                headway_begin();
                headway_end();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    release();
    // Each time-out lets through a window: the launch itself and one more.
    EXPECT_LE(low.counters().gated, 2 * low.counters().hold_timeouts + kThreads);
    EXPECT_GT(low.counters().hold_timeouts, 10U);
}

TEST_F(GateThreadsTest, WaitingForAWindowThatAHeldThreadHasReservedCostsNoProcessor) {
    test::StubDevice gpu(test::StubDevice::Markers::kLost);
    gate::Lane lane(gpu, gate::real_platform());
    gate::LaneOptions options;
    options.device = "gpu";
    options.max_hold_ms = 1500;
    ASSERT_TRUE(lane.open(options).ok());
    hold_everybody("gpu");
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        // The first two reserve a whole budget each for kernels that nobody knows, and are held.
        threads.emplace_back([&] { lane.after({}, lane.before({}), true); });
    }
    std::this_thread::sleep_for(milliseconds(300));
    std::uint64_t cpu_ns = 0;
    for (std::thread& thread : threads)
        cpu_ns += cpu_ns_of(thread);
    release();
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_LT(cpu_ns, 60 * kNsPerMs);  // of 300 ms that three threads waited
}

// More threads than processors, so that one is now and then interrupted while it holds the lane's
// lock, and the others go on without it. What they launch meanwhile must not count for ever.
TEST_F(GateThreadsTest, WhatIsLaunchedWithoutTheLockDoesNotStayInTheWindow) {
    test::StubDevice gpu(test::StubDevice::Markers::kStored);
    gate::Lane lane(gpu, gate::real_platform());
    gate::LaneOptions options;
    options.device = "gpu";
    ASSERT_TRUE(lane.open(options).ok());
    Result<board::Board> board = board::Board::open("gpu");
    ASSERT_TRUE(board.ok() && board.value().attach(10, "idle rival").ok());
    std::atomic<std::uint64_t> key{1};
    const auto end = std::chrono::steady_clock::now() + milliseconds(1500);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            while (std::chrono::steady_clock::now() < end) {
                // Each kernel is a new one, which fills the window by itself.
                const gate::Launch launch{key.fetch_add(1), 0};
                lane.after(launch, lane.before(launch), true);
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(lane.view().hold_timeouts.load(), 0U) << key.load() << " launches";
    EXPECT_GT(key.load(), 1000U);
}

// Four lanes of four processes, as far as the board tells, with two threads each.
TEST_F(GateThreadsTest, EqualsOfOtherProcessesUseTheDeviceInShifts) {
    constexpr std::uint32_t kLanes = 4;
    // A device object each, as in processes: lanes of one share their window.
    std::vector<std::unique_ptr<test::StubDevice>> devices;
    for (std::uint32_t i = 0; i <= kLanes; ++i) {
        devices.push_back(
            std::make_unique<test::StubDevice>(test::StubDevice::Markers::kStored, true));
    }
    gate::Lane high(*devices[kLanes], gate::real_platform());
    gate::LaneOptions options;
    options.device = "gpu";
    options.priority = 10;
    ASSERT_TRUE(high.open(options).ok());
    options.priority = 1;
    Result<board::Board> board = board::Board::open("gpu");
    ASSERT_TRUE(board.ok());
    std::vector<std::unique_ptr<gate::Lane>> lanes;
    for (std::uint32_t i = 0; i < kLanes; ++i) {
        lanes.push_back(std::make_unique<gate::Lane>(*devices[i], gate::real_platform()));
        ASSERT_TRUE(lanes.back()->open(options).ok());
        // Nobody can tell whether a process of another namespace lives.
        board.value().slot(i + 1).owner = make_process_word(i + 1, (this_process() >> 32) + 1, 1);
    }
    board.value().announce();
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < 2 * kLanes; ++i) {
        threads.emplace_back([&over, &lane = *lanes[i % kLanes], i] {
            for (int launches = 1; !over; ++launches) {
                const gate::Launch launch{i + 1, i, false};
                lane.after(launch, lane.before(launch), true);
                if (launches % 1000 == 0) lane.end_wait(lane.begin_wait(), i < kLanes);
            }
        });
    }
    // Each is held, and goes on, until all have been; a shift is 10 ms.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto all_had_shifts = [&] {
        return std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) {
            return lane->view().held.load() >= 4 && lane->view().hold_ns.load() != 0;
        });
    };
    while (!all_had_shifts() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(milliseconds(5));
    over = true;
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_TRUE(all_had_shifts());
    for (const auto& lane : lanes)
        EXPECT_EQ(lane->view().hold_timeouts.load(), 0U);
}

TEST_F(GateThreadsTest, AThreadIsNotCancelledInsideTheGate) {
    const Lane low = Lane::open({.priority = 1});
    // Of another process: whether it lives is asked of files, which are cancellation points.
    test::Neighbour busy([](const test::Neighbour::Told& told) {
        const Lane high = Lane::open({.priority = 10});
        headway_lane_enter(high.get());
        headway_begin();
        told.say();
        for (;;)
            ::pause();
    });
    ASSERT_TRUE(busy.hear());
    std::atomic<bool> waits{false};
    std::atomic<bool> got_through{false};
    std::thread held([&] {
        headway_lane_enter(low.get());
        waits = true;
        headway_begin();
        got_through = true;  // CUDA's launches are no cancellation points
        headway_end();
        headway_lane_leave(low.get());
        ::pthread_testcancel();
    });
    while (!waits)
        std::this_thread::yield();
    std::this_thread::sleep_for(milliseconds(30));
    ::pthread_cancel(held.native_handle());
    std::this_thread::sleep_for(milliseconds(60));
    busy.kill();
    held.join();
    EXPECT_TRUE(got_through);
}

}  // namespace
}  // namespace headway
