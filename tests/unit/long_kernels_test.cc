// A program of 10 ms kernels beside one that asks for something short every 7 ms, in virtual time:
// each of the kernels is disturbed before it ends.
#include "base/clock.h"
#include "tests/unit/processes_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace headway::gate {
namespace {

constexpr std::uint64_t kEndNs = 8 * kNsPerS;
constexpr std::uint64_t kPeriodNs = 7 * kNsPerMs;
constexpr std::uint64_t kKernelNs = 10 * kNsPerMs;

// When the program of long kernels launches its first one, after a request.
class LongKernelsTest : public ProcessesFixture, public testing::WithParamInterface<std::uint64_t> {
 protected:
    void run_requests(Process& high) {
        time.add_actor([this, &high] {
            for (std::uint64_t number = 0; time.now_ns() < kEndNs; ++number) {
                time.pause_until(number * kPeriodNs);
                const std::uint64_t begin_ns = time.now_ns();
                launch_kernel(high, 1, 2 * kNsPerUs);
                synchronise(high);
                if (begin_ns > kEndNs / 2) latencies_.push_back(time.now_ns() - begin_ns);
            }
        });
    }

    void run_long_kernels(Process& low, std::uint64_t start_ns) {
        time.add_actor([this, &low, start_ns] {
            time.pause_until(start_ns);
            while (time.now_ns() < kEndNs) {
                launch_kernel(low, 2, kKernelNs);
                low.device->synchronise(3);
            }
        });
    }

    std::vector<std::uint64_t> latencies_;
};

// Nobody sees such a kernel undisturbed; it must be known to be long all the same.
TEST_P(LongKernelsTest, AreTakenOffTheDeviceAtOnce) {
    Process& high = add(10);
    run_requests(high);
    Process& low = add(1);
    run_long_kernels(low, GetParam());
    std::uint64_t low_ns = 0;
    time.at(kEndNs, [&] { low_ns = low.device->done_ns(); });
    ASSERT_TRUE(time.run(kLimitNs));
    std::sort(latencies_.begin(), latencies_.end());
    EXPECT_LE(latencies_.at(latencies_.size() * 99 / 100),
              test::SharedGpu::kChangeNs + 40 * kNsPerUs);
    // Two changes per request are lost, and no more.
    const std::uint64_t lost_ns = kEndNs / kPeriodNs * 2 * test::SharedGpu::kChangeNs;
    EXPECT_GE(low_ns, (kEndNs - lost_ns) / 100 * 99);
    EXPECT_EQ(board_.slot(low.slot).timeslice_us.load(), 20U);
}

INSTANTIATE_TEST_SUITE_P(Starts,
                         LongKernelsTest,
                         testing::Range<std::uint64_t>(0, 7 * kNsPerMs, 500 * kNsPerUs));

}  // namespace
}  // namespace headway::gate
