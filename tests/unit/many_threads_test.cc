// Many threads of one process with a lane each, all on one stream, in virtual time: what those of
// higher priority get beside those of lower, and what that costs everybody.
#include "base/clock.h"
#include "tests/unit/processes_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

namespace headway::gate {
namespace {

// Matrix products, as in the reference's synthetic tests.
constexpr int kTasks = 6;
constexpr int kProducts = 30;
constexpr std::uint64_t kLaunchNs = 6 * kNsPerUs;
constexpr std::uint64_t kProductNs = 340 * kNsPerUs;

class ManyThreadsTest : public ProcessesFixture {
 protected:
    struct Times {
        std::vector<std::uint64_t> high_ns;  // of each task, sorted
        std::uint64_t total_ns = 0;          // until the last thread has finished

        double p50() const { return static_cast<double>(high_ns.at(high_ns.size() / 2)); }

        double p99() const { return static_cast<double>(high_ns.at(high_ns.size() * 99 / 100)); }
    };

    // Waits until what the thread itself launched is complete, as for an event.
    void wait_for_own(Process& thread, std::atomic<std::uint32_t>& word, std::uint32_t value) {
        const Pass wait = thread.lane->begin_wait();
        thread.device->write_marker(0, &word, value);
        while (word.load() != value)
            time.pause_until(time.now_ns() + 5 * kNsPerUs);
        thread.lane->end_wait(wait, true);
    }

    void launch_all(Process& thread, int launches, std::uint64_t kernel_ns, std::uint64_t host_ns) {
        for (int i = 0; i < launches; ++i) {
            launch_kernel(thread, 1 + kernel_ns, kernel_ns);
            time.pause_until(time.now_ns() + host_ns);
        }
    }

    // Tasks without a pause, as in the reference's synthetic tests.
    void run_tasks(Process& thread, std::vector<std::uint64_t>* tasks_ns, std::uint64_t* end_ns) {
        time.add_actor([this, &thread, tasks_ns, end_ns] {
            std::atomic<std::uint32_t> word{0};
            for (std::uint32_t task = 1; task <= kTasks; ++task) {
                const std::uint64_t begin_ns = time.now_ns();
                launch_all(thread, kProducts, kProductNs, kLaunchNs);
                wait_for_own(thread, word, task);
                if (tasks_ns != nullptr) tasks_ns->push_back(time.now_ns() - begin_ns);
                time.pause_until(time.now_ns() + 20 * kNsPerUs);
            }
            *end_ns = std::max(*end_ns, time.now_ns());
        });
    }

    Times measure(int high, int low) {
        Times times;
        for (int i = 0; i < high + low; ++i) {
            const bool is_high = i < high;
            run_tasks(
                add_thread(is_high ? 10 : 1), is_high ? &times.high_ns : nullptr, &times.total_ns);
        }
        EXPECT_TRUE(time.run(kLimitNs));
        std::sort(times.high_ns.begin(), times.high_ns.end());
        return times;
    }

    std::uint64_t timeouts() const {
        std::uint64_t sum = 0;
        for (const auto& thread : processes_)
            sum += board_.slot(thread->slot).hold_timeouts.load();
        return sum;
    }
};

// (threads of high, threads of low)
class MixedThreadsTest : public ManyThreadsTest,
                         public testing::WithParamInterface<std::pair<int, int>> {};

TEST_P(MixedThreadsTest, HighHardlyNoticesLowAndNobodyPaysForIt) {
    const auto [high, low] = GetParam();
    const Times times = measure(high, low);
    const double alone_ns = high * kProducts * static_cast<double>(kProductNs);
    EXPECT_LE(times.p50(), alone_ns * 1.05);
    EXPECT_LE(times.p99(), alone_ns * 1.05);
    const double work_ns = (high + low) * kTasks * kProducts * static_cast<double>(kProductNs);
    EXPECT_LE(static_cast<double>(times.total_ns), work_ns * 1.01);
    EXPECT_EQ(timeouts(), 0U);
    RecordProperty("p50_permille", static_cast<int>(1000 * times.p50() / alone_ns));
    RecordProperty("p99_permille", static_cast<int>(1000 * times.p99() / alone_ns));
}

INSTANTIATE_TEST_SUITE_P(HighAndLow,
                         MixedThreadsTest,
                         testing::Values(std::pair{1, 15}, std::pair{3, 13}));

// Threads that launch without an end, beside 20 requests a second.
struct Load {
    int threads;
    std::uint64_t kernel_us;
    std::uint64_t host_us;
    int least_permille;  // of the time that requests leave
};

class ManyLowsTest : public ManyThreadsTest, public testing::WithParamInterface<Load> {
 protected:
    static constexpr std::uint64_t kEndNs = kNsPerS / 2;
    static constexpr std::uint64_t kPeriodNs = 50 * kNsPerMs;
    static constexpr int kLaunches = 70;  // of a request
    static constexpr std::uint64_t kKernelNs = 8 * kNsPerUs;
    static constexpr std::uint64_t kHostNs = 19 * kNsPerUs;
    static constexpr std::uint64_t kRequestNs = kLaunches * kHostNs;

    void run_requests(Process& high) {
        time.add_actor([this, &high] {
            std::atomic<std::uint32_t> word{0};
            for (std::uint32_t number = 0; time.now_ns() < kEndNs; ++number) {
                time.pause_until(std::max(time.now_ns(), number * kPeriodNs));
                const std::uint64_t begin_ns = time.now_ns();
                launch_all(high, kLaunches, kKernelNs, kHostNs);
                wait_for_own(high, word, number + 1);
                slowest_ns_ = std::max(slowest_ns_, time.now_ns() - begin_ns);
            }
        });
    }

    void run_batches(Process& low) {
        time.add_actor([this, &low] {
            std::atomic<std::uint32_t> word{0};
            for (std::uint32_t number = 1; time.now_ns() < kEndNs; ++number) {
                launch_all(
                    low, 100, GetParam().kernel_us * kNsPerUs, GetParam().host_us * kNsPerUs);
                wait_for_own(low, word, number);
            }
        });
    }

    std::uint64_t slowest_ns_ = 0;
};

TEST_P(ManyLowsTest, FillOneWindow) {
    Process& high = add_thread(10);
    run_requests(high);
    for (int i = 0; i < GetParam().threads; ++i)
        run_batches(add_thread(1));
    std::uint64_t done_ns = 0;
    time.at(kEndNs, [&] { done_ns = high.device->done_ns(); });
    EXPECT_TRUE(time.run(kLimitNs));
    // The first requests come before it is known when.
    EXPECT_LE(slowest_ns_, kRequestNs + kNsPerMs);
    const std::uint64_t left_ns =
        kEndNs - kEndNs / kPeriodNs * (kRequestNs + kLaunches * kKernelNs);
    EXPECT_GE(done_ns * 1000, left_ns * static_cast<unsigned>(GetParam().least_permille));
    EXPECT_EQ(timeouts(), 0U);
    RecordProperty("slowest_us", static_cast<int>(slowest_ns_ / kNsPerUs));
    RecordProperty("low_permille", static_cast<int>(done_ns * 1000 / left_ns));
}

// Long kernels; short ones that the device is busy with; and ones that wait for their hosts.
INSTANTIATE_TEST_SUITE_P(Threads,
                         ManyLowsTest,
                         testing::Values(Load{15, 340, 6, 980},
                                         Load{4, 20, 6, 980},
                                         Load{2, 5, 10, 850}));

}  // namespace
}  // namespace headway::gate
