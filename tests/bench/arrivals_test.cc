#include "bench/load/arrivals.h"

#include "base/clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace headway::bench {
namespace {

constexpr double kWarmUpS = 2;
constexpr double kDurationS = 100;

ArrivalPlan plan(Arrivals kind, double rate_per_s, std::uint64_t seed) {
    // Bursts, where there are any, of one second in two.
    return {kind, rate_per_s, kWarmUpS, kDurationS, seed, 1, 1};
}

// Everything up to a second after the measured window.
std::vector<Arrival> take(const ArrivalPlan& wanted) {
    ArrivalSchedule schedule(wanted);
    std::vector<Arrival> arrivals;
    const auto end_ns = static_cast<std::uint64_t>((kWarmUpS + kDurationS + 1) * 1e9);
    for (Arrival arrival = schedule.next(); arrival.offset_ns < end_ns; arrival = schedule.next()) {
        arrivals.push_back(arrival);
    }
    return arrivals;
}

std::vector<double> measured_s(const std::vector<Arrival>& arrivals) {
    std::vector<double> times_s;
    for (const Arrival& arrival : arrivals) {
        if (arrival.measured) times_s.push_back(static_cast<double>(arrival.offset_ns) / 1e9);
    }
    return times_s;
}

class EveryKind : public testing::TestWithParam<Arrivals> {};

TEST_P(EveryKind, IsAscendingAndMeasuresTheWindowOnly) {
    const std::vector<Arrival> arrivals = take(plan(GetParam(), 20, 3));
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        ASSERT_GE(arrivals[i].offset_ns, arrivals[i == 0 ? 0 : i - 1].offset_ns);
        const double time_s = static_cast<double>(arrivals[i].offset_ns) / 1e9;
        ASSERT_EQ(arrivals[i].measured, time_s >= kWarmUpS && time_s < kWarmUpS + kDurationS);
    }
    EXPECT_GT(arrivals.back().offset_ns, static_cast<std::uint64_t>((kWarmUpS + kDurationS) * 1e9));
}

TEST_P(EveryKind, HasExactlyTheRate) {
    EXPECT_EQ(measured_s(take(plan(GetParam(), 20, 3))).size(), 2000U);
    EXPECT_EQ(measured_s(take(plan(GetParam(), 0.5, 9))).size(), 50U);
}

INSTANTIATE_TEST_SUITE_P(Arrivals,
                         EveryKind,
                         testing::Values(Arrivals::kUniform, Arrivals::kPoisson, Arrivals::kOnOff));

TEST(UniformArrivals, AreEvenlySpaced) {
    const std::vector<double> times_s = measured_s(take(plan(Arrivals::kUniform, 20, 1)));
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        ASSERT_NEAR(times_s[i] - times_s[i - 1], 0.05, 1e-6);
    }
}

TEST(PoissonArrivals, HaveExponentialGaps) {
    const std::vector<double> times_s = measured_s(take(plan(Arrivals::kPoisson, 50, 5)));
    double square_sum = 0;
    std::size_t short_gaps = 0;
    for (std::size_t i = 1; i < times_s.size(); ++i) {
        const double gap_s = times_s[i] - times_s[i - 1];
        square_sum += (gap_s - 0.02) * (gap_s - 0.02);
        if (gap_s < 0.02 * std::log(2)) ++short_gaps;
    }
    const auto count = static_cast<double>(times_s.size() - 1);
    // Of an exponential distribution the deviation equals the mean, and half of it lies below
    // ln 2 x mean. 5000 gaps: both estimates are good to about 3 % at three sigma.
    EXPECT_NEAR(std::sqrt(square_sum / count), 0.02, 0.002);
    EXPECT_NEAR(static_cast<double>(short_gaps) / count, 0.5, 0.03);
}

class Random : public testing::TestWithParam<Arrivals> {};

TEST_P(Random, DependOnTheSeedAlone) {
    const auto times = [](std::uint64_t seed) {
        return measured_s(take(plan(GetParam(), 20, seed)));
    };
    EXPECT_EQ(times(7), times(7));
    EXPECT_NE(times(7), times(8));
}

INSTANTIATE_TEST_SUITE_P(Arrivals, Random, testing::Values(Arrivals::kPoisson, Arrivals::kOnOff));

// 4 requests/s in bursts of 1 s with pauses of 2 s: 12 in each burst, the first of which begins
// with the window. The warm-up of 2 s holds the pause of an earlier one, all of it.
TEST(OnOffArrivals, ComeInBurstsOfTheSameNumber) {
    ArrivalPlan wanted = plan(Arrivals::kOnOff, 4, 3);
    wanted.on_s = 1;
    wanted.off_s = 2;
    const std::vector<Arrival> arrivals = take(wanted);
    ASSERT_TRUE(arrivals.front().measured);
    std::vector<int> counts(34);
    for (const double time_s : measured_s(arrivals)) {
        const double into_s = time_s - kWarmUpS;
        ASSERT_LT(std::fmod(into_s, 3), 1);
        ++counts.at(static_cast<std::size_t>(into_s / 3));
    }
    EXPECT_EQ(counts, std::vector<int>(34, 12));
}

TEST(OnOffArrivals, BeginWithAPartOfABurstIfTheWarmUpHasIt) {
    ArrivalPlan wanted = plan(Arrivals::kOnOff, 40, 3);
    wanted.warm_up_s = 2.5;
    wanted.on_s = 1;
    wanted.off_s = 2;
    const std::vector<Arrival> arrivals = take(wanted);
    std::size_t in_warm_up = 0;
    for (const Arrival& arrival : arrivals) {
        if (arrival.measured) break;
        ASSERT_LT(arrival.offset_ns, 500'000'000U);
        ++in_warm_up;
    }
    // Half of a burst of 120, drawn at random: six deviations around it.
    EXPECT_GT(in_warm_up, 27U);
    EXPECT_LT(in_warm_up, 93U);
}

}  // namespace
}  // namespace headway::bench
