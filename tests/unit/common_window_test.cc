#include "gate/common_window.h"

#include "base/clock.h"
#include "tests/support/virtual_device.h"
#include "tests/unit/lane_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace headway::gate {
namespace {

using Page = std::array<std::atomic<std::uint32_t>, board::kTrackCountMax>;

constexpr WindowLimits kLimits{4, 2, 400 * kNsPerUs};

class CommonWindowTest : public LaneFixture {
 protected:
    // Launches once, as a lane with that page does; returns the marker that covers it.
    static Window::Marker launch(CommonWindow& common, const Page& page, std::uint64_t now_ns) {
        const Launch work{1, 0};
        const Window::Charge charge = common.window.charge(work);
        common.window.reserve(charge);
        return common.window.launched(work, charge, page.data(), now_ns);
    }

    test::VirtualDevice other_gpu_{time};
};

TEST_F(CommonWindowTest, LanesShareItThatDifferInNothing) {
    CommonWindow* const window = CommonWindow::join(gpu, 1, kLimits);
    ASSERT_NE(window, nullptr);
    EXPECT_FALSE(window->is_shared());
    CommonWindow* const same = CommonWindow::join(gpu, 1, kLimits);
    CommonWindow* const device = CommonWindow::join(other_gpu_, 1, kLimits);
    CommonWindow* const priority = CommonWindow::join(gpu, 2, kLimits);
    CommonWindow* const limits = CommonWindow::join(gpu, 1, {4, 2, 200 * kNsPerUs});
    EXPECT_EQ(window, same);
    EXPECT_TRUE(window->is_shared());
    for (CommonWindow* const different : {device, priority, limits}) {
        EXPECT_NE(different, window);
        EXPECT_FALSE(different->is_shared());
    }
    for (CommonWindow* const each : {window, same, device, priority, limits})
        each->leave();
}

TEST_F(CommonWindowTest, OneThatNobodyUsesBeginsAnew) {
    const Page page{};
    CommonWindow* const window = CommonWindow::join(gpu, 1, kLimits);
    launch(*window, page, 1000);
    EXPECT_GT(window->window.outstanding_ns(1000), 0U);
    window->leave();
    CommonWindow* const next = CommonWindow::join(other_gpu_, 5, kLimits);
    EXPECT_EQ(next->window.outstanding_ns(1000), 0U);
    next->leave();
}

TEST_F(CommonWindowTest, WhatAMemberCannotSeeToEndAnyMoreGoesWithIt) {
    const Page mine{};
    Page others{};
    CommonWindow* const window = CommonWindow::join(gpu, 1, kLimits);
    ASSERT_EQ(CommonWindow::join(gpu, 1, kLimits), window);
    EXPECT_TRUE(launch(*window, mine, 1000).needed);
    const Window::Marker marker = launch(*window, others, 2000);
    const std::uint64_t both_ns = window->window.outstanding_ns(2000);
    window->leave();
    EXPECT_TRUE(CommonWindow::forget_page(mine.data()));
    EXPECT_EQ(window->window.outstanding_ns(2000), both_ns / 2);
    others[marker.track] = marker.value;
    window->window.poll(3000, 0);
    EXPECT_EQ(window->window.outstanding_ns(3000), 0U);
    window->leave();
}

TEST_F(CommonWindowTest, APriorityOfItsOwnKeepsWhatWasLearned) {
    Page page{};
    CommonWindow* const window = CommonWindow::join(gpu, 1, kLimits);
    const Window::Marker marker = launch(*window, page, 1000);
    window->window.poll(100'999, 0);
    page[marker.track] = marker.value;
    window->window.poll(101'000, 0);
    ASSERT_FALSE(window->window.charge({1, 0}).unknown);
    EXPECT_EQ(window->move(7), window);
    EXPECT_EQ(CommonWindow::join(gpu, 7, kLimits), window);

    // Now it is another's, too, which stays.
    CommonWindow* const moved = window->move(1);
    EXPECT_NE(moved, window);
    EXPECT_FALSE(window->is_shared());
    window->leave();
    moved->leave();
}

// A launch that is charged to one window and ends in another would stay in the first for ever.
TEST_F(CommonWindowTest, APriorityChangesBetweenAChargeAndItsLaunch) {
    const auto high = open(with_priority(10), gpu);
    const auto first = open(with_priority(1), gpu);
    const auto second = open(with_priority(1), gpu);
    time.add_actor([&] {
        for (int i = 0; i < 100; ++i) {
            const Launch launch{static_cast<std::uint64_t>(i) + 1, 0};
            const Pass pass = first->before(launch);
            EXPECT_TRUE(first->set_priority(i % 3).ok());
            gpu.launch(0, 20 * kNsPerUs);
            first->after(launch, pass, true);
            const Pass other = second->before(launch);
            gpu.launch(0, 20 * kNsPerUs);
            second->after(launch, other, true);
        }
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_EQ(counter(*first, &board::LaneSlot::hold_timeouts), 0U);
    EXPECT_EQ(counter(*second, &board::LaneSlot::hold_timeouts), 0U);
    EXPECT_LE(time.now_ns(), kNsPerS / 2);  // leases of whoever is above, and no more
}

// A thread that is gone with the lock must not stop the others, nor slow them down for ever.
TEST_F(CommonWindowTest, ALockThatIsNotToBeHadIsWaitedForOnce) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    CommonWindow* const window = CommonWindow::join(gpu, 1, kLimits);
    ASSERT_TRUE(window->is_shared());
    std::array<std::uint64_t, 3> waits_ns{};
    time.add_actor([&] {
        EXPECT_TRUE(window->lock.try_lock());
        for (std::uint64_t& wait_ns : waits_ns) {
            const std::uint64_t begin_ns = time.now_ns();
            low->after({1, 0}, low->before({1, 0}), true);
            wait_ns = time.now_ns() - begin_ns;
        }
        window->lock.unlock();
        low->after({1, 0}, low->before({1, 0}), true);
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_GT(waits_ns[0], 10 * kNsPerMs);
    EXPECT_LT(waits_ns[0], 100 * kNsPerMs);
    EXPECT_EQ(waits_ns[1], 0U);
    EXPECT_EQ(waits_ns[2], 0U);
    EXPECT_FALSE(window->goes_without_lock(1));  // it works again
    window->leave();
}

}  // namespace
}  // namespace headway::gate
