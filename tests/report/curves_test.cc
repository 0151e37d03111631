// The points of the plots.
#include "report/curves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace headway::report {
namespace {

Scenario with_latencies(int repeat, double p99_ms, std::vector<double> latencies_ms) {
    Scenario scenario;
    scenario.name = "headway";
    scenario.repeat = repeat;
    scenario.high.emplace();
    scenario.high->p99_ms = p99_ms;
    scenario.high->latencies_ms = std::move(latencies_ms);
    return scenario;
}

Group group_of(const std::vector<Scenario>& scenarios) {
    Group group;
    for (const Scenario& scenario : scenarios)
        group.repeats.push_back(&scenario);
    return group;
}

TEST(Distribution, PoolsTheRepeatsAndRisesToOne) {
    const std::vector<Scenario> scenarios = {with_latencies(0, 3, {3, 1}),
                                             with_latencies(1, 4, {4, 2})};
    const auto points = latency_distribution(group_of(scenarios));
    ASSERT_EQ(points.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_DOUBLE_EQ(points[i].x, static_cast<double>(i + 1));
        EXPECT_DOUBLE_EQ(points[i].y, static_cast<double>(i + 1) / 4);
    }
}

TEST(Distribution, ThinsWithoutLosingTheTail) {
    std::vector<double> latencies_ms;
    for (int i = 1; i <= 100'000; ++i)
        latencies_ms.push_back(i);
    const std::vector<Scenario> scenarios = {with_latencies(0, 1, latencies_ms)};
    const auto points = latency_distribution(group_of(scenarios));
    EXPECT_LE(points.size(), kCdfPointsMax + 1);
    EXPECT_GT(points.size(), kCdfPointsMax / 2);
    EXPECT_DOUBLE_EQ(points.back().x, 100'000);
    EXPECT_DOUBLE_EQ(points.back().y, 1);
    for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_DOUBLE_EQ(points[i].y, points[i].x / 100'000) << "every point lies on the curve";
        if (i > 0) {
            EXPECT_LT(points[i - 1].x, points[i].x);
        }
    }
    const auto beyond_p999 = std::count_if(
        points.begin(), points.end(), [](const Point& point) { return point.y > 0.999; });
    EXPECT_GE(beyond_p999, 40) << "where the interesting requests are";
}

TEST(Distribution, LeavesOutWhatALogAxisCannotShow) {
    const double infinite = std::numeric_limits<double>::infinity();
    const std::vector<Scenario> scenarios = {with_latencies(0, 1, {0, -1, infinite, 5})};
    ASSERT_EQ(latency_distribution(group_of(scenarios)).size(), 1U);
    EXPECT_TRUE(latency_distribution(group_of({})).empty());
}

TEST(OverTime, TakesTheRepeatWithTheMedianP99) {
    const std::vector<Scenario> scenarios = {
        with_latencies(0, 9, {9}), with_latencies(1, 5, {5}), with_latencies(2, 7, {7})};
    EXPECT_EQ(latency_over_time(group_of(scenarios), 20).repeat, 2);
}

TEST(OverTime, UsesArrivalsThenTheRateThenTheNumber) {
    std::vector<Scenario> scenarios = {with_latencies(0, 1, {1, 1, 1})};
    const TimeSeries by_number = latency_over_time(group_of(scenarios), 0);
    EXPECT_FALSE(by_number.in_seconds);
    EXPECT_DOUBLE_EQ(by_number.points[2].x, 3);
    EXPECT_DOUBLE_EQ(latency_over_time(group_of(scenarios), 20).points[2].x, 0.1);
    scenarios[0].high->arrivals_ms = {0, 70, 90};
    const TimeSeries by_arrival = latency_over_time(group_of(scenarios), 20);
    EXPECT_TRUE(by_arrival.in_seconds);
    EXPECT_DOUBLE_EQ(by_arrival.points[2].x, 0.09);
}

TEST(OverTime, ThinsButKeepsOutliers) {
    std::vector<double> latencies_ms(50'000, 2);
    latencies_ms[12'345] = 900;
    latencies_ms[40'000] = 0.5;
    const std::vector<Scenario> scenarios = {with_latencies(0, 1, latencies_ms)};
    const TimeSeries series = latency_over_time(group_of(scenarios), 1000);
    EXPECT_TRUE(series.thinned);
    EXPECT_LE(series.points.size(), kTimePointsMax);
    const auto has = [&](double latency_ms) {
        return std::any_of(series.points.begin(), series.points.end(), [&](const Point& point) {
            return point.y == latency_ms;
        });
    };
    EXPECT_TRUE(has(900));
    EXPECT_TRUE(has(0.5));
    EXPECT_TRUE(std::is_sorted(series.points.begin(),
                               series.points.end(),
                               [](const Point& a, const Point& b) { return a.x < b.x; }));
}

}  // namespace
}  // namespace headway::report
