// Requests that come evenly beside a program of long kernels in another process, in virtual time:
// what each of them gets, also where a request comes before much else could end.
#include "base/clock.h"
#include "tests/unit/processes_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace headway::gate {
namespace {

constexpr std::uint64_t kPeriodNs = 5 * kNsPerMs;

// ResNet-18 with one image: its host needs 1.5 ms for the launches, and more now and then.
constexpr int kSteps = 70;
constexpr std::uint64_t kStepNs = 19 * kNsPerUs;
constexpr std::uint64_t kPythonStepNs = 36 * kNsPerUs;
constexpr std::uint64_t kStepKernelNs = 8 * kNsPerUs;

class FrequentRequestsTest : public ProcessesFixture {
 protected:
    struct Latencies {
        double mean_ns = 0;
        std::uint64_t p99_ns = 0;
        std::uint64_t p99_delay_ns = 0;  // of what a request took longer than its host
    };

    void request(Process& high, std::uint64_t host_ns) {
        for (int step = 0; step < kSteps; ++step) {
            launch_kernel(high, static_cast<std::uint64_t>(step % 20) + 1, kStepKernelNs);
            time.pause_until(time.now_ns() + step_ns_ + host_ns / kSteps);
        }
        synchronise(high);
    }

    void run_requests(Process& high) {
        time.add_actor([this, &high] {
            std::mt19937_64 generator{5};
            for (std::uint64_t number = 0; time.now_ns() < end_ns(); ++number) {
                const std::uint64_t late_ns = generator() % (50 * kNsPerUs);
                time.pause_until(std::max(time.now_ns(), number * period_ns_ + late_ns));
                const std::uint64_t begin_ns = time.now_ns();
                const std::uint64_t host_ns =
                    generator() % 50 == 0 ? kNsPerMs : generator() % (400 * kNsPerUs);
                request(high, host_ns);
                latencies_.push_back(time.now_ns() - begin_ns);
                const std::uint64_t own_ns = kSteps * (step_ns_ + host_ns / kSteps);
                delays_.push_back(latencies_.back() - std::min(latencies_.back(), own_ns));
            }
        });
    }

    // ResNet-50 with a large batch: a fifth of its kernels are long, and take most of its time.
    void run_batches(Process& low, std::uint64_t long_us = 1150) {
        time.add_actor([this, &low, long_us] {
            while (time.now_ns() < end_ns()) {
                for (std::uint64_t kernel = 0; kernel < 160; ++kernel) {
                    const std::uint64_t length_us = kernel < 30   ? long_us
                                                    : kernel < 45 ? 400
                                                                  : 120 + 40 * (kernel % 10);
                    launch_kernel(low, kernel + 1, length_us * kNsPerUs);
                    time.pause_until(time.now_ns() + 6 * kNsPerUs);
                }
                synchronise(low);
            }
        });
    }

    std::uint64_t end_ns() const { return requests_ * period_ns_; }

    // Alone a request takes as long as its host: 0.216 ms more than the steps, on average.
    double alone_ns() const { return kSteps * static_cast<double>(step_ns_) + 0.216e6; }

    // What low got of the time that requests leave, and that high hardly noticed.
    double part_of_low() {
        Process& high = add(10);
        return part_of_low(high, add(1));
    }

    double part_of_low(Process& high, Process& low) {
        run_requests(high);
        run_batches(low);
        std::uint64_t low_ns = 0;
        time.at(end_ns(), [&] { low_ns = low.device->done_ns(); });
        const Latencies latencies = run();
        EXPECT_LE(latencies.mean_ns, alone_ns() * 1.03);
        EXPECT_LE(latencies.p99_delay_ns, 400 * kNsPerUs);
        EXPECT_LE(latencies.p99_ns, kSteps * step_ns_ + kNsPerMs + 50 * kNsPerUs);
        const double left = 1 - alone_ns() / static_cast<double>(period_ns_);
        const double part = static_cast<double>(low_ns) / (static_cast<double>(end_ns()) * left);
        RecordProperty("low_permille", static_cast<int>(1000 * part));
        RecordProperty("mean_us", static_cast<int>(latencies.mean_ns / kNsPerUs));
        RecordProperty("p99_delay_us", static_cast<int>(latencies.p99_delay_ns / kNsPerUs));
        RecordProperty("p99_us", static_cast<int>(latencies.p99_ns / kNsPerUs));
        return part;
    }

    Latencies run() {
        EXPECT_TRUE(time.run(kLimitNs));
        std::sort(latencies_.begin(), latencies_.end());
        std::sort(delays_.begin(), delays_.end());
        double sum = 0;
        for (const std::uint64_t latency : latencies_)
            sum += static_cast<double>(latency);
        return {sum / static_cast<double>(latencies_.size()),
                latencies_.at(latencies_.size() * 99 / 100),
                delays_.at(delays_.size() * 99 / 100)};
    }

    std::uint64_t requests_ = 800;
    std::uint64_t step_ns_ = kStepNs;
    std::uint64_t period_ns_ = kPeriodNs;
    std::vector<std::uint64_t> latencies_;
    std::vector<std::uint64_t> delays_;
};

// A device that is kept idle for each request would lose a tenth of its time to that: only kernels
// that would run further into the request than its host makes up for are worth it.
TEST_F(FrequentRequestsTest, LeaveTheRestOfTheDeviceToOthers) {
    EXPECT_GE(part_of_low(), 0.97);
}

// Where they come seldom, each is waited for; yet it has the leeway for a kernel that has begun.
TEST_F(FrequentRequestsTest, LeaveNearlyAllOfItWhereTheyAreSeldom) {
    requests_ = 200;
    period_ns_ = 50 * kNsPerMs;
    EXPECT_GE(part_of_low(), 0.99);
}

// In one process, where no switch between processes takes its part, and where a slow host leaves
// requests much leeway: a kernel that has begun runs into each, and low gets more than what is
// left.
TEST_F(FrequentRequestsTest, OfAPythonProgramLeaveMoreToItsOtherThreads) {
    requests_ = 200;
    period_ns_ = 50 * kNsPerMs;
    step_ns_ = kPythonStepNs;
    Process& high = add(10);
    EXPECT_GE(part_of_low(high, add_thread(1)), 1.01);
}

// Kernels that wait for expected requests: short enough to fit between two of them, or hardly so.
class LongerKernelsTest : public FrequentRequestsTest,
                          public testing::WithParamInterface<std::uint64_t> {};

TEST_P(LongerKernelsTest, WaitForTwoRequestsAtMost) {
    Process& high = add(10);
    run_requests(high);
    Process& low = add(1);
    run_batches(low, GetParam());
    EXPECT_TRUE(time.run(kLimitNs));
    EXPECT_LE(low.longest_call_ns, 3 * kPeriodNs + kPeriodNs / 4);
    EXPECT_EQ(board_.slot(low.slot).hold_timeouts.load(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Microseconds,
                         LongerKernelsTest,
                         testing::Values(1600, 1800, 2000, 2600, 3200, 3600));

}  // namespace
}  // namespace headway::gate
