#include "gate/arrivals.h"

#include <gtest/gtest.h>

#include <random>

namespace headway::gate {
namespace {

constexpr std::uint64_t kPeriod = 50 * kNsPerMs;
constexpr std::uint64_t kService = 2 * kNsPerMs;

// Requests at `period` with up to `jitter_ns` of delay each. Returns when the last one came.
std::uint64_t feed(ArrivalLearner& learner, int count, std::uint64_t jitter_ns) {
    std::mt19937_64 generator(1);
    std::uint64_t came_ns = 0;
    std::uint64_t end_ns = 0;
    for (int i = 1; i <= count; ++i) {
        came_ns = kPeriod * static_cast<std::uint64_t>(i) + generator() % (jitter_ns + 1);
        learner.observe(came_ns, end_ns);
        end_ns = came_ns + kService;
    }
    return came_ns;
}

TEST(ArrivalLearner, ExpectsNothingBeforeItHasSeenEnough) {
    ArrivalLearner learner;
    feed(learner, 5, 0);
    EXPECT_EQ(learner.next().time_ns, 0U);
}

TEST(ArrivalLearner, ExpectsTheNextOfARegularRow) {
    ArrivalLearner learner;
    const std::uint64_t last = feed(learner, 100, 100 * kNsPerUs);
    const ExpectedArrival next = learner.next();
    EXPECT_NEAR(static_cast<double>(next.time_ns),
                static_cast<double>(last + kPeriod),
                static_cast<double>(200 * kNsPerUs));
    EXPECT_GE(next.slack_ns, 100 * kNsPerUs);
    EXPECT_LE(next.slack_ns, kNsPerMs);
}

TEST(ArrivalLearner, TenRequestsAreEnough) {
    ArrivalLearner learner;
    const std::uint64_t last = feed(learner, 10, 100 * kNsPerUs);
    EXPECT_NEAR(static_cast<double>(learner.next().time_ns),
                static_cast<double>(last + kPeriod),
                static_cast<double>(300 * kNsPerUs));
}

TEST(ArrivalLearner, ExpectsNothingOfRandomArrivals) {
    ArrivalLearner learner;
    std::mt19937_64 generator(2);
    std::exponential_distribution<double> gap(1.0 / static_cast<double>(kPeriod));
    std::uint64_t now = 1;
    int expected = 0;
    for (int i = 0; i < 10'000; ++i) {
        now += 3 * kNsPerMs + static_cast<std::uint64_t>(gap(generator));
        learner.observe(now, now - 2 * kNsPerMs);
        expected += learner.next().time_ns != 0 ? 1 : 0;
    }
    EXPECT_EQ(expected, 0);
}

TEST(ArrivalLearner, SeveralBurstsOfWorkAreOneRequest) {
    ArrivalLearner learner;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        const std::uint64_t came_ns = i * kPeriod;
        learner.observe(came_ns, came_ns - kPeriod + kService);
        learner.observe(came_ns + kService, came_ns + kService - 20 * kNsPerUs);
    }
    EXPECT_EQ(learner.next().time_ns, 101 * kPeriod);
}

TEST(ArrivalLearner, ARowOutlivesARequestThatIsLeftOut) {
    for (const std::uint64_t missed : {1U, 3U}) {
        ArrivalLearner learner;
        const std::uint64_t last = feed(learner, 100, 0) + missed * kPeriod;
        learner.observe(last + kPeriod, last - kPeriod);
        EXPECT_EQ(learner.next().time_ns, last + 2 * kPeriod);
        EXPECT_EQ(learner.next().period_ns, kPeriod);
    }
}

TEST(ArrivalLearner, ARowOfAnotherPeriodIsLearnedAnew) {
    for (const std::uint64_t period : {2 * kPeriod, 3 * kPeriod, kPeriod / 3}) {
        ArrivalLearner learner;
        std::uint64_t now = feed(learner, 100, 0);
        for (int i = 0; i < 20; ++i) {
            now += period;
            learner.observe(now, now - period + kService);
        }
        EXPECT_EQ(learner.next().time_ns, now + period);
    }
}

// Two threads that turn a lane busy may look at the clock in one order and come here in the other.
TEST(ArrivalLearner, TimesThatStandStillOrGoBackTeachNothing) {
    for (const std::uint64_t back_ns : {std::uint64_t{0}, kPeriod}) {
        ArrivalLearner learner;
        for (int i = 0; i < 20; ++i)
            learner.observe(5 * kPeriod - (i % 2 != 0 ? back_ns : 0), 0);
        EXPECT_EQ(learner.next().time_ns, 0U);
    }
}

TEST(ArrivalLearner, AClientThatStopsIsForgotten) {
    ArrivalLearner learner;
    const std::uint64_t last = feed(learner, 100, 0);
    EXPECT_NE(learner.next().time_ns, 0U);
    learner.observe(last + 60 * kNsPerS, last + kService);
    EXPECT_EQ(learner.next().time_ns, 0U);
}

}  // namespace
}  // namespace headway::gate
