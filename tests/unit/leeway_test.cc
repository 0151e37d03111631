#include "gate/leeway.h"

#include "tests/unit/processes_fixture.h"

#include <gtest/gtest.h>

namespace headway::gate {
namespace {

constexpr std::uint64_t kLaunchingNs = 1400 * kNsPerUs;
constexpr std::uint64_t kShortNs = 20 * kNsPerUs;

TEST(LeewayLearner, HasNoneAtFirst) {
    EXPECT_EQ(LeewayLearner().leeway_ns(), 0U);
}

TEST(LeewayLearner, GrowsToAPartOfTheTimeThatLaunchingTakes) {
    LeewayLearner learner;
    for (int i = 0; i < 10; ++i)
        learner.observe(kLaunchingNs, kShortNs);
    EXPECT_GT(learner.leeway_ns(), 50 * kNsPerUs);
    EXPECT_LT(learner.leeway_ns(), kLaunchingNs / LeewayLearner::kPart);
    for (int i = 0; i < 40; ++i)
        learner.observe(kLaunchingNs, kShortNs);
    EXPECT_EQ(learner.leeway_ns(), kLaunchingNs / LeewayLearner::kPart);
    learner.observe(kLaunchingNs / 2, kShortNs);
    EXPECT_EQ(learner.leeway_ns(), kLaunchingNs / 2 / LeewayLearner::kPart);
}

TEST(LeewayLearner, IsHalvedByARequestThatHadToWait) {
    LeewayLearner learner;
    for (int i = 0; i < 100; ++i)
        learner.observe(kLaunchingNs, kShortNs);
    const std::uint64_t before = learner.leeway_ns();
    learner.observe(kLaunchingNs, 2 * LeewayLearner::kShortWaitNs);
    EXPECT_EQ(learner.leeway_ns(), before / 2);
}

// What a lane tells of itself, in virtual time.
class LaneLeewayTest : public ProcessesFixture {
 protected:
    // Requests of 50 kernels, one launched every 20 us.
    std::uint64_t leeway_us(std::uint64_t kernel_ns, std::uint64_t copy_ns) {
        Process& high = add(10);
        add(1);
        time.add_actor([this, &high, kernel_ns, copy_ns] {
            for (std::uint64_t number = 1; number <= 60; ++number) {
                time.pause_until(number * 20 * kNsPerMs);
                if (copy_ns != 0) {  // of the input, for which the program waits
                    launch_kernel(high, 99, copy_ns);
                    synchronise(high);
                }
                for (int step = 0; step < 50; ++step) {
                    launch_kernel(high, 1, kernel_ns);
                    time.pause_until(time.now_ns() + 20 * kNsPerUs);
                }
                synchronise(high);
            }
        });
        EXPECT_TRUE(time.run(kLimitNs));
        return board_.slot(high.slot).leeway_us.load();
    }
};

TEST_F(LaneLeewayTest, ARequestThatItsHostLaunchesSlowlyHasLeeway) {
    EXPECT_NEAR(static_cast<double>(leeway_us(8 * kNsPerUs, 0)), 250, 10);
}

TEST_F(LaneLeewayTest, ARequestThatWaitsForTheDeviceHasNone) {
    EXPECT_EQ(leeway_us(30 * kNsPerUs, 0), 0U);
}

// What delays the copy delays everything.
TEST_F(LaneLeewayTest, ARequestThatWaitsForItsInputFirstHasNone) {
    EXPECT_LE(leeway_us(8 * kNsPerUs, 30 * kNsPerUs), 1U);
}

}  // namespace
}  // namespace headway::gate
