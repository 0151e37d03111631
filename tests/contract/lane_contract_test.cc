// What lanes do on every device: the window holds, priorities order them, what is seen complete
// holds nobody, counters add up, and a forked child leaves its parent's slot alone.
#include "base/clock.h"
#include "gate/lane.h"
#include "gate/shared_lane.h"
#include "tests/contract/device_contract.h"
#include "tests/support/temporary_boards.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace headway::test {
namespace {

using gate::Lane;
using gate::LaneOptions;

constexpr std::uint32_t kThreshold = 4;

// A lane of one test, and what has become of the work launched through it.
class Worker {
 public:
    Worker(DeviceUnderTest& device, std::int32_t priority) : device_(device) {
        options_.device = "contract";
        options_.priority = priority;
        options_.threshold = kThreshold;
        options_.batch_size = 2;
        EXPECT_TRUE(lane_.open(options_).ok());
    }

    Worker(DeviceUnderTest& device, const LaneOptions& options) : device_(device) {
        EXPECT_TRUE(lane_.open(options).ok());
    }

    // As a shim does it, for work of about that length.
    void launch(std::uint64_t length_ns, device::StreamHandle stream = 0) {
        const gate::Launch launch = {length_ns, stream, false};
        if (lane_.alone()) {
            lane_.count_passed(1);
            start(length_ns, stream);
            return;
        }
        const gate::Pass pass = lane_.before(launch);
        start(length_ns, stream);
        lane_.after(launch, pass, true);
    }

    // Waits as a shim does it for a program that synchronises; `seen`: and tells the lane.
    void synchronise(bool seen, device::StreamHandle stream = 0) {
        const gate::Pass wait = lane_.begin_wait();
        device_.synchronise(stream);
        lane_.end_wait(wait, seen);
    }

    Lane& lane() { return lane_; }

    const board::LaneSlot& slot() const { return lane_.view(); }

    std::uint32_t launched() const { return launched_.load(); }

    // The most that was unfinished just after a launch.
    std::uint32_t unfinished_most() const { return unfinished_most_.load(); }

 private:
    void start(std::uint64_t length_ns, device::StreamHandle stream) {
        const std::uint32_t unfinished = ++launched_ - done_.load();
        unfinished_most_.store(std::max(unfinished_most_.load(), unfinished));
        device_.launch(stream, length_ns, [this] { ++done_; });
    }

    DeviceUnderTest& device_;
    LaneOptions options_;
    Lane lane_{device_.device(), device_.platform()};
    std::atomic<std::uint32_t> launched_{0};
    std::atomic<std::uint32_t> done_{0};
    std::atomic<std::uint32_t> unfinished_most_{0};
};

TEST_P(LaneContract, TheWindowHolds) {
    if (device_->device().synchronous()) GTEST_SKIP() << "work is complete when its call returns";
    const TemporaryBoards boards;
    Worker low(*device_, 0);
    Worker high(*device_, 10);  // idle all the time: only the window is in the way
    device_->run({[&] {
        for (int i = 0; i < 40; ++i)
            low.launch(2 * kNsPerMs);
        low.synchronise(true);
    }});
    device_->finish();
    EXPECT_EQ(low.launched(), 40U);
    EXPECT_LE(low.unfinished_most(), kThreshold);
    EXPECT_GT(low.slot().markers.load(), 0U);
    EXPECT_GT(low.slot().window_ns.load(), 0U);
    EXPECT_EQ(low.slot().hold_timeouts.load(), 0U);
}

TEST_P(LaneContract, PrioritiesOrderTwoLanes) {
    const TemporaryBoards boards;
    Worker low(*device_, 0);
    Worker high(*device_, 10);
    std::atomic<bool> over{false};
    std::uint32_t during = 0;
    std::uint32_t requests = 0;
    device_->run({[&] {
                      while (!over.load())
                          low.launch(kNsPerMs, 1);
                      low.synchronise(true, 1);
                  },
                  [&] {
                      gate::Platform& platform = device_->platform();
                      // Until low has worked in between and been held, however slow the machine.
                      while (requests < 5 || low.launched() <= 5 || low.slot().held.load() == 0) {
                          ++requests;
                          platform.pause_until(platform.now_ns() + 20 * kNsPerMs);
                          high.launch(kNsPerMs);
                          // What was past the gate by then is launched by now.
                          const std::uint32_t before = low.launched();
                          for (int k = 0; k < 5; ++k)
                              high.launch(2 * kNsPerMs);
                          high.synchronise(false);
                          during += low.launched() - before;
                          high.lane().idle();
                      }
                      platform.pause_until(platform.now_ns() + 20 * kNsPerMs);
                      over.store(true);
                  }});
    device_->finish();
    // One per request may have been between the gate and its launch.
    EXPECT_LE(during, requests);
    EXPECT_GT(low.launched(), 5U);
    EXPECT_GT(low.slot().held.load(), 0U);
    EXPECT_EQ(low.slot().hold_timeouts.load(), 0U);
    EXPECT_EQ(high.slot().held.load(), 0U);
}

TEST_P(LaneContract, WhatIsSeenCompleteHoldsNobody) {
    const TemporaryBoards boards;
    LaneOptions options;
    options.device = "contract";
    options.priority = 10;
    options.linger_us = 1'000'000;  // without the end of the work, the lane would stay busy
    options.max_hold_ms = 50;
    Worker high(*device_, options);
    options.priority = 0;
    Worker low(*device_, options);
    std::uint64_t held_unseen = 0;
    std::uint64_t held_seen = 0;
    device_->run({[&] {
        high.launch(kNsPerMs);
        high.synchronise(false);
        low.launch(kNsPerMs, 1);
        held_unseen = low.slot().held.load();
        low.synchronise(true, 1);
        high.launch(kNsPerMs);
        high.synchronise(true);
        low.launch(kNsPerMs, 1);
        held_seen = low.slot().held.load() - held_unseen;
        low.synchronise(true, 1);
    }});
    device_->finish();
    EXPECT_EQ(held_unseen, 1U);
    EXPECT_EQ(held_seen, 0U);
}

TEST_P(LaneContract, CountersAddUp) {
    const TemporaryBoards boards;
    Worker lane(*device_, 0);
    const auto work = [&](int count) {
        device_->run({[&lane, count] {
            for (int i = 0; i < count; ++i)
                lane.launch(10 * kNsPerUs);
            lane.synchronise(true);
        }});
        device_->finish();
    };
    // The first look finds out that the lane is alone.
    work(30);
    const std::uint64_t alone = lane.slot().passed.load();
    EXPECT_GE(alone, 29U);
    {
        const Worker other(*device_, 10);
        work(30);
        EXPECT_EQ(lane.slot().passed.load(), alone);
        EXPECT_GE(lane.slot().gated.load(), 30U);
    }
    work(30);
    EXPECT_GE(lane.slot().passed.load(), alone + 29);
    EXPECT_EQ(lane.slot().passed.load() + lane.slot().gated.load(), lane.launched());
    EXPECT_EQ(lane.slot().bypassed.load(), 0U);
    lane.lane().close();
    work(5);
    EXPECT_EQ(lane.slot().bypassed.load(), 5U);
    EXPECT_EQ(lane.slot().passed.load() + lane.slot().gated.load() + 5, lane.launched());
}

// The driver is left out of it: few drivers survive a fork, and a shim does not use it there.
TEST_P(LaneContract, AForkedChildLeavesTheParentsSlotAlone) {
    const TemporaryBoards boards;
    Worker rival(*device_, 10);
    gate::SharedLane* const shared =
        gate::SharedLane::create(device_->device(), device_->platform());
    ASSERT_NE(shared, nullptr);
    Lane& lane = shared->lane();
    LaneOptions options;
    options.device = "contract";
    ASSERT_TRUE(lane.open(options).ok());
    const gate::Launch launch = {1, 0, false};
    const auto launch_in_vain = [&] { lane.after(launch, lane.before(launch), false); };
    launch_in_vain();
    const board::LaneSlot& slot = lane.view();
    const auto owner = slot.owner.load();
    const std::uint64_t gated = slot.gated.load();
    const pid_t child = ::fork();
    if (child == 0) {
        launch_in_vain();
        launch_in_vain();
        const bool has_own = &lane.view() != &slot && lane.view().gated.load() == 2;
        const bool untouched = slot.gated.load() == gated && slot.owner.load() == owner;
        lane.close();
        ::_exit(has_own && untouched ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_EQ(slot.owner.load(), owner);
    EXPECT_EQ(slot.gated.load(), gated);
    launch_in_vain();
    EXPECT_EQ(&lane.view(), &slot);
    EXPECT_EQ(slot.gated.load(), gated + 1);
    shared->remove_user();
}

}  // namespace
}  // namespace headway::test
