#include "policy/policy.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace headway::policy {
namespace {

constexpr std::uint64_t kNow = 1'000'000'000;
constexpr std::uint64_t kMaxHold = 1'000'000'000;

SelfView low_since(std::uint64_t hold_since_ns) {
    return {0, 1, hold_since_ns, kMaxHold, 0};
}

Verdict decide(const SelfView& self,
               const std::vector<LaneView>& rivals,
               std::uint64_t now = kNow) {
    return kPriorityPolicy.decide(self, rivals, now);
}

TEST(PriorityPolicy, OnlyHigherLanesAreRivals) {
    EXPECT_TRUE(kPriorityPolicy.is_rival(1, 10));
    EXPECT_FALSE(kPriorityPolicy.is_rival(10, 1));
    EXPECT_FALSE(kPriorityPolicy.is_rival(5, 5));
    EXPECT_TRUE(kPriorityPolicy.is_rival(-256, 255));
}

TEST(PriorityPolicy, RunsWhenNobodyIsBusy) {
    EXPECT_EQ(decide(low_since(kNow), {}).decision, Decision::kRun);
    EXPECT_EQ(decide(low_since(kNow), {{3, 10, false, kNow}}).decision, Decision::kRun);
    EXPECT_EQ(decide(low_since(kNow), {{3, 10, false, 0}}).decision, Decision::kRun);
}

TEST(PriorityPolicy, HoldsUntilTheLeaseEnds) {
    const Verdict verdict = decide(low_since(kNow), {{3, 10, false, kNow + 500}});
    EXPECT_EQ(verdict.decision, Decision::kHold);
    EXPECT_EQ(verdict.recheck_ns, kNow + 500);
    EXPECT_EQ(verdict.blocker, 3U);
}

TEST(PriorityPolicy, HoldsALongLaunchThatWouldRunIntoAnExpectedRequest) {
    constexpr std::uint64_t kMs = 1'000'000;
    const std::vector<LaneView> rivals = {{3, 10, false, 0, kNow + 10 * kMs, kMs / 2, 20 * kMs}};
    SelfView self = low_since(kNow);
    EXPECT_EQ(decide(self, rivals).decision, Decision::kRun);  // short
    self.run_ns = 5 * kMs;
    EXPECT_EQ(decide(self, rivals).decision, Decision::kRun);  // ends in time
    EXPECT_EQ(decide(self, rivals, kNow + 4 * kMs).decision, Decision::kRun);
    const Verdict verdict = decide(self, rivals, kNow + 5 * kMs);
    EXPECT_EQ(verdict.decision, Decision::kHold);
    EXPECT_EQ(verdict.recheck_ns, kNow + 11 * kMs);  // clients come late rather than early
    EXPECT_EQ(decide(self, rivals, kNow + 10 * kMs).decision, Decision::kHold);
    EXPECT_EQ(decide(self, rivals, verdict.recheck_ns).decision,
              Decision::kRun);  // it did not come
    self.after_request = true;  // later it would fit even less
    EXPECT_EQ(decide(self, rivals, kNow + 5 * kMs).decision, Decision::kRun);
    self.after_request = false;
    self.run_ns = 16 * kMs;  // more than fits between two requests
    EXPECT_EQ(decide(self, rivals, kNow + 5 * kMs).decision, Decision::kRun);
}

// Each request that is waited for leaves the device idle.
TEST(PriorityPolicy, TheMoreOftenRequestsComeTheFurtherMayALaunchRunIntoOne) {
    constexpr std::uint64_t kUs = 1000;
    constexpr std::uint64_t kDue = kNow + 4000 * kUs;
    SelfView self = low_since(kNow);
    self.run_ns = 2000 * kUs;
    const auto held = [&](std::uint64_t period_us, std::uint64_t overrun_us) {
        const std::vector<LaneView> rivals = {{3, 10, false, 0, kDue, 0, period_us * kUs}};
        const std::uint64_t now = kDue + overrun_us * kUs - self.run_ns;
        return decide(self, rivals, now).decision == Decision::kHold;
    };
    EXPECT_FALSE(held(50'000, 65));
    EXPECT_TRUE(held(50'000, 80));
    EXPECT_FALSE(held(5000, 680));
    EXPECT_TRUE(held(5000, 760));
    EXPECT_TRUE(held(5000, 2000));  // due now
    self.run_ns = 680 * kUs;
    EXPECT_FALSE(held(5000, 680));
}

TEST(PriorityPolicy, ALaunchMayRunAsFarIntoARequestAsThatHasLeeway) {
    constexpr std::uint64_t kUs = 1000;
    SelfView self = low_since(kNow);
    std::vector<LaneView> rivals = {{3, 10, false, 0, kNow, 0, 50'000 * kUs, 400 * kUs}};
    self.run_ns = 390 * kUs;
    EXPECT_EQ(decide(self, rivals).decision, Decision::kRun);
    self.run_ns = 410 * kUs;
    EXPECT_EQ(decide(self, rivals).decision, Decision::kHold);
    rivals[0].expected_ns = kNow + 20 * kUs;
    EXPECT_EQ(decide(self, rivals).decision, Decision::kRun);
    rivals[0].leeway_ns = UINT64_MAX;  // a stranger may have written any number
    self.run_ns = 5000 * kUs;
    EXPECT_EQ(decide(self, rivals).decision, Decision::kRun);
}

TEST(PriorityPolicy, AnExpectationOfAnyValueEnds) {
    SelfView self = low_since(kNow - kMaxHold);
    self.run_ns = 5'000'000;
    for (const std::uint64_t wild : {std::uint64_t{1}, UINT64_MAX, kNow, UINT64_MAX / 2}) {
        const Verdict verdict = decide(self, {{3, 10, false, 0, wild, UINT64_MAX, UINT64_MAX}});
        EXPECT_NE(verdict.decision, Decision::kHold) << wild;
    }
}

TEST(PriorityPolicy, HoldsWhileARivalRuns) {
    const Verdict verdict = decide(low_since(kNow), {{3, 10, true, 0}});
    EXPECT_EQ(verdict.decision, Decision::kHold);
    EXPECT_GT(verdict.recheck_ns, kNow);
    EXPECT_LT(verdict.recheck_ns, kNow + 10'000'000);
}

TEST(PriorityPolicy, TheLongestLeaseDecides) {
    const Verdict verdict =
        decide(low_since(kNow),
               {{3, 10, false, kNow + 500}, {4, 20, false, kNow + 900}, {5, 30, false, 0}});
    EXPECT_EQ(verdict.recheck_ns, kNow + 900);
    EXPECT_EQ(verdict.blocker, 4U);
}

TEST(PriorityPolicy, EqualsAndLowerNeverHold) {
    EXPECT_EQ(decide(low_since(kNow), {{3, 1, true, kNow + 500}}).decision, Decision::kRun);
    EXPECT_EQ(decide(low_since(kNow), {{3, -5, true, kNow + 500}}).decision, Decision::kRun);
}

TEST(PriorityPolicy, AnEqualHoldsWhileItIsBusyInItsShift) {
    constexpr std::uint64_t kShiftEnd = kNow + 5000;
    LaneView equal = {3, 1, false, kNow + 500};
    equal.shift_until_ns = kShiftEnd;
    const Verdict verdict = decide(low_since(kNow), {equal});
    EXPECT_EQ(verdict.decision, Decision::kHold);
    EXPECT_EQ(verdict.recheck_ns, kNow + 500);
    EXPECT_EQ(verdict.blocker, 3U);
    equal.busy_until_ns = kNow;
    EXPECT_EQ(decide(low_since(kNow), {equal}).decision, Decision::kRun);  // idle
    equal.running = true;
    EXPECT_EQ(decide(low_since(kNow), {equal}).recheck_ns, kShiftEnd);
    EXPECT_EQ(decide(low_since(kNow), {equal}, kShiftEnd).decision, Decision::kRun);
    equal.shift_until_ns = UINT64_MAX;
    EXPECT_LE(decide(low_since(kNow), {equal}).recheck_ns, kNow + kMaxHold);
    EXPECT_EQ(decide(low_since(kNow - kMaxHold), {equal}).decision, Decision::kRunOverdue);
}

TEST(PriorityPolicy, AShiftIsNothingToLanesOfAnotherPriority) {
    LaneView lower = {3, 0, true, kNow + 500};
    lower.shift_until_ns = kNow + 5000;
    EXPECT_EQ(decide(low_since(kNow), {lower}).decision, Decision::kRun);
    LaneView higher = {4, 10, false, kNow + 900};
    higher.shift_until_ns = kNow + 5000;
    EXPECT_EQ(decide(low_since(kNow), {higher}).recheck_ns, kNow + 900);
    LaneView equal = {5, 1, false, kNow + 500};
    equal.shift_until_ns = kNow + 5000;
    const Verdict verdict = decide(low_since(kNow), {equal, higher});
    EXPECT_EQ(verdict.blocker, 4U);
    EXPECT_EQ(verdict.recheck_ns, kNow + 900);
}

TEST(PriorityPolicy, AHoldIsBounded) {
    const std::vector<LaneView> busy = {{3, 10, true, std::numeric_limits<std::uint64_t>::max()}};
    EXPECT_EQ(decide(low_since(kNow), busy, kNow + kMaxHold - 1).decision, Decision::kHold);
    EXPECT_EQ(decide(low_since(kNow), busy, kNow + kMaxHold).decision, Decision::kRunOverdue);
    // The recheck never lies beyond the bound.
    EXPECT_LE(decide(low_since(kNow), {{3, 10, false, kNow + 100 * kMaxHold}}).recheck_ns,
              kNow + kMaxHold);
}

TEST(PriorityPolicy, AHoldFromTheFutureHasLastedNoTime) {
    const Verdict verdict = decide(low_since(kNow + 5000), {{3, 10, true, 0}});
    EXPECT_EQ(verdict.decision, Decision::kHold);
}

TEST(Policies, AreFoundByName) {
    EXPECT_EQ(find_policy("priority"), &kPriorityPolicy);
    EXPECT_EQ(find_policy("nonsense"), nullptr);
    EXPECT_FALSE(all_policies().empty());
}

}  // namespace
}  // namespace headway::policy
