// How a held thread waits: it looks for the end of its hold for some time before it sleeps, so that
// nobody has to wake it after a short request, and keeps no processor from others.
#include "base/clock.h"
#include "tests/unit/processes_fixture.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace headway::gate {
namespace {

constexpr std::uint64_t kKernelNs = 10 * kNsPerUs;

class WatchTest : public ProcessesFixture {
 protected:
    // A request that begins at 1 ms: launches for `length_ns`, and then waits for the device.
    void run_request(Process& high, std::uint64_t length_ns) {
        const auto body = [this, &high, length_ns] {
            while (time.now_ns() < kNsPerMs + length_ns) {
                launch_kernel(high, 1, kKernelNs);
                time.pause_until(time.now_ns() + 20 * kNsPerUs);
            }
            sleepers_at_end_ = board_.header().waiter_count.load();
            synchronise(high);
            end_ns_ = time.now_ns();
        };
        time.add_actor(body, kNsPerMs);
    }

    // One launch in the middle of the request.
    void run_launch(Process& low, std::uint64_t* launched_ns) {
        const auto body = [this, &low, launched_ns] {
            launch_kernel(low, 2, kKernelNs);
            *launched_ns = time.now_ns();
        };
        time.add_actor(body, kNsPerMs + 100 * kNsPerUs);
    }

    // When a lower lane's launch in the middle of a request of that length went.
    std::uint64_t launch_during(std::uint64_t length_ns) {
        Process& high = add(10);
        Process& low = add(1);
        run_request(high, length_ns);
        std::uint64_t launched_ns = 0;
        run_launch(low, &launched_ns);
        EXPECT_TRUE(time.run(kLimitNs));
        return launched_ns;
    }

    std::uint64_t end_ns_ = 0;
    std::uint32_t sleepers_at_end_ = 0;
};

TEST_F(WatchTest, NobodyHasToWakeWhoIsHeldForAShortRequest) {
    const std::uint64_t launched_ns = launch_during(3 * kNsPerMs);
    EXPECT_EQ(sleepers_at_end_, 0U);
    EXPECT_GT(time.watch_count(), 0);
    EXPECT_GE(launched_ns, end_ns_);
    EXPECT_LE(launched_ns, end_ns_ + 10 * kNsPerUs);
}

TEST_F(WatchTest, WhoIsHeldForLongSleeps) {
    const std::uint64_t launched_ns = launch_during(8 * kNsPerMs);
    EXPECT_EQ(sleepers_at_end_, 1U);
    EXPECT_GE(launched_ns, end_ns_);
    EXPECT_LE(launched_ns, end_ns_ + 10 * kNsPerUs);
}

TEST_F(WatchTest, WhereProcessorsAreShortHeldThreadsSleep) {
    time.set_crowded(true);
    const std::uint64_t launched_ns = launch_during(3 * kNsPerMs);
    EXPECT_EQ(sleepers_at_end_, 1U);
    EXPECT_EQ(time.watch_count(), 1);
    EXPECT_LE(launched_ns, end_ns_ + 10 * kNsPerUs);
}

TEST_F(WatchTest, OneThreadOfALaneWatchesAndTheOthersSleep) {
    Process& high = add(10);
    Process& low = add(1);
    run_request(high, 3 * kNsPerMs);
    time.add_actor([this, &low] {  // so that the window is no reason to wait
        for (int i = 0; i < 10; ++i) {
            launch_kernel(low, 2, kKernelNs);
            time.pause_until(time.now_ns() + 20 * kNsPerUs);
        }
        synchronise(low);
    });
    std::uint64_t first_ns = 0;
    std::uint64_t second_ns = 0;
    run_launch(low, &first_ns);
    run_launch(low, &second_ns);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_EQ(sleepers_at_end_, 1U);
    EXPECT_LE(first_ns, end_ns_ + 20 * kNsPerUs);
    EXPECT_LE(second_ns, end_ns_ + 20 * kNsPerUs);
}

// The real clock, in which nothing is said of how long anything takes.
TEST(WatchWordTest, EndsWithTheWord) {
    std::atomic<std::uint64_t> word{5};
    std::thread writer([&word] { word.store(4); });
    while (!real_platform().watch_word(word, 1, 1, now_ns() + kNsPerMs)) {
    }
    writer.join();
    EXPECT_TRUE(real_platform().watch_word(word, 1, 1, now_ns() + 3600 * kNsPerS));
}

TEST(WatchWordTest, EndsWhenAnotherThreadWantsTheProcessor) {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    std::size_t cpu = 0;
    while (!CPU_ISSET(cpu, &all))
        ++cpu;
    CPU_SET(cpu, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    std::atomic<bool> end{false};
    std::thread worker([&end] {  // on the same processor: a thread begins where its maker may run
        while (!end.load()) {
        }
    });
    const std::atomic<std::uint64_t> word{0};
    EXPECT_FALSE(real_platform().watch_word(word, 1, 0, now_ns() + 60 * kNsPerS));
    end.store(true);
    worker.join();
    ASSERT_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
}

TEST(WatchWordTest, ARealTimeThreadSleepsAtOnce) {
    bool is_real_time = false;
    bool watched = true;
    std::thread thread([&] {
        const sched_param priority{1};
        is_real_time = sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
        const std::atomic<std::uint64_t> word{0};
        watched = real_platform().watch_word(word, 1, 0, now_ns() + kNsPerMs);
    });
    thread.join();
    if (!is_real_time) GTEST_SKIP() << "this user may have no real-time threads";
    EXPECT_FALSE(watched);
}

}  // namespace
}  // namespace headway::gate
