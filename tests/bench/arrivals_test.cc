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
    return {kind, rate_per_s, kWarmUpS, kDurationS, seed};
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
                         testing::Values(Arrivals::kUniform, Arrivals::kPoisson));

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

TEST(PoissonArrivals, DependOnTheSeedAlone) {
    const auto times = [](std::uint64_t seed) {
        return measured_s(take(plan(Arrivals::kPoisson, 20, seed)));
    };
    EXPECT_EQ(times(7), times(7));
    EXPECT_NE(times(7), times(8));
}

}  // namespace
}  // namespace headway::bench
