#include "bench/stats/bootstrap.h"
#include "bench/stats/latency.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace headway::bench {
namespace {

TEST(Quantile, InterpolatesBetweenNeighbours) {
    const std::vector<double> values = {10, 20, 30, 40};
    EXPECT_DOUBLE_EQ(quantile(values, 0), 10);
    EXPECT_DOUBLE_EQ(quantile(values, 0.5), 25);
    EXPECT_DOUBLE_EQ(quantile(values, 1), 40);
    EXPECT_NEAR(quantile(values, 0.99), 39.7, 1e-9);  // numpy.percentile([10, 20, 30, 40], 99)
    EXPECT_DOUBLE_EQ(quantile({7}, 0.99), 7);
}

TEST(Summarise, DoesNotNeedSortedValues) {
    std::vector<double> values(1001);
    std::iota(values.rbegin(), values.rend(), 0.0);
    const LatencySummary summary = summarise(values);
    EXPECT_EQ(summary.count, 1001U);
    EXPECT_DOUBLE_EQ(summary.p50, 500);
    EXPECT_DOUBLE_EQ(summary.p90, 900);
    EXPECT_DOUBLE_EQ(summary.p95, 950);
    EXPECT_DOUBLE_EQ(summary.p99, 990);
    EXPECT_DOUBLE_EQ(summary.p999, 999);
    EXPECT_DOUBLE_EQ(summary.max, 1000);
    EXPECT_DOUBLE_EQ(summary.mean, 500);
}

TEST(MedianInterval, OfOneValueHasNoInterval) {
    const MedianInterval interval = median_with_ci95({0.5}, 1);
    EXPECT_DOUBLE_EQ(interval.median, 0.5);
    EXPECT_FALSE(interval.ci95.has_value());
}

TEST(MedianInterval, IsReproducibleAndSpansTheMedian) {
    const std::vector<double> values = {0.9, 1.3, 1.0, 1.1, 1.2};
    const MedianInterval first = median_with_ci95(values, 42);
    const MedianInterval second = median_with_ci95(values, 42);
    ASSERT_TRUE(first.ci95.has_value());
    EXPECT_EQ(first.ci95, second.ci95);
    EXPECT_DOUBLE_EQ(first.median, 1.1);
    // All five drawn values lie beside the median with probability 0.058: not within 2.5 %.
    EXPECT_DOUBLE_EQ(first.ci95->first, 0.9);
    EXPECT_DOUBLE_EQ(first.ci95->second, 1.3);
}

TEST(MedianInterval, NarrowsWithMoreValues) {
    std::vector<double> few;
    std::vector<double> many;
    for (int i = 0; i < 400; ++i) {
        const double value = 1 + 0.1 * ((i * 37) % 101 - 50) / 50.0;
        many.push_back(value);
        if (i < 8) few.push_back(value);
    }
    const auto width = [](const MedianInterval& interval) {
        return interval.ci95->second - interval.ci95->first;
    };
    EXPECT_LT(width(median_with_ci95(many, 1)), width(median_with_ci95(few, 1)) / 2);
}

}  // namespace
}  // namespace headway::bench
