#include "bench/two_models/summary.h"

#include "bench/overhead/summary.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

Json high(double p50_ms, double p99_ms, double service_ms) {
    return {
        {"p50_ms", p50_ms}, {"p99_ms", p99_ms}, {"mean_service_ms", service_ms}, {"unfinished", 0}};
}

Json low(double images_per_s, int batch) {
    return {{"images_per_s", images_per_s},
            {"iterations_per_s", images_per_s / batch},
            {"batch", batch}};
}

Json entry(const char* name, int repeat) {
    return {{"name", name}, {"repeat", repeat}, {"output_sha256", {{"resnet18 b1", "aa"}}}};
}

// One repeat in which Headway serves high in `p99_ms`.
void add_repeat(Json& scenarios, int repeat, double p99_ms) {
    Json high_alone = entry("high-alone", repeat);
    high_alone["high"] = high(20, 40, 25);
    Json low_alone = entry("low-alone", repeat);
    low_alone["low"] = low(16, 2);
    Json native = entry("native", repeat);
    native["high"] = high(50, 100, 60);
    native["low"] = low(12, 2);
    Json headway = entry("headway", repeat);
    headway["high"] = high(22, p99_ms, 27);
    headway["low"] = low(12.6, 2);
    for (const Json& added : {high_alone, low_alone, native, headway})
        scenarios.push_back(added);
}

Json three_repeats() {
    Json scenarios = Json::array();
    add_repeat(scenarios, 0, 41);
    add_repeat(scenarios, 1, 44);
    add_repeat(scenarios, 2, 60);
    add_exclusive_bounds(scenarios, 8);
    return scenarios;
}

double median_of(const Json& summary, const char* ratio) {
    return summary.at(ratio).at("median").get<double>();
}

TEST(Summary, TakesRatiosWithinARepeatAndTheirMedian) {
    const Json summary = summarise_ratios(three_repeats(), 1);
    EXPECT_DOUBLE_EQ(median_of(summary, "p50_vs_alone"), 1.1);
    EXPECT_DOUBLE_EQ(median_of(summary, "p99_vs_alone"), 1.1);
    EXPECT_DOUBLE_EQ(median_of(summary, "p50_vs_native"), 0.44);
    EXPECT_DOUBLE_EQ(median_of(summary, "p99_vs_native"), 0.44);
    EXPECT_DOUBLE_EQ(median_of(summary, "low_vs_alone"), 12.6 / 16);
    EXPECT_DOUBLE_EQ(median_of(summary, "low_vs_native"), 1.05);
    EXPECT_EQ(summary.at("p99_vs_alone").at("ci95"), Json({41.0 / 40, 1.5}));
}

TEST(Summary, BoundIsWhatHighLeaves) {
    const Json scenarios = three_repeats();
    // 16 images/s x (1 - 8/s x 25 ms) = 12.8 images/s = 6.4 iterations/s.
    EXPECT_DOUBLE_EQ(scenarios[3].at("low").at("exclusive_bound_per_s").get<double>(), 6.4);
    EXPECT_FALSE(scenarios[1].at("low").contains("exclusive_bound_per_s"));
    EXPECT_NEAR(
        median_of(summarise_ratios(scenarios, 1), "low_vs_exclusive_bound"), 12.6 / 12.8, 1e-9);
}

TEST(Summary, EveryAlternativeHasAPointOfLatencyAgainstThroughput) {
    Json scenarios = three_repeats();
    for (int repeat = 0; repeat < 3; ++repeat) {
        Json peer = entry("mps-80", repeat);
        peer["high"] = high(24, 60, 28);
        peer["low"] = low(9.6, 2);
        scenarios.push_back(peer);
    }
    add_exclusive_bounds(scenarios, 8);
    const Json summary = summarise_ratios(scenarios, 1);
    EXPECT_DOUBLE_EQ(median_of(summary, "mps_80_p50_vs_alone"), 1.2);
    EXPECT_DOUBLE_EQ(median_of(summary, "mps_80_p99_vs_alone"), 1.5);
    EXPECT_DOUBLE_EQ(median_of(summary, "mps_80_low_vs_alone"), 0.6);
    EXPECT_NEAR(median_of(summary, "mps_80_low_vs_exclusive_bound"), 9.6 / 12.8, 1e-9);
    EXPECT_DOUBLE_EQ(median_of(summary, "native_p99_vs_alone"), 2.5);
    EXPECT_EQ(summary.size(), 7U + 2 * 4);  // none of high-alone, low-alone or headway
}

TEST(Summary, ComparesImagesWhenOneScenarioTookASmallerBatch) {
    Json scenarios = Json::array();
    add_repeat(scenarios, 0, 41);
    scenarios[3]["low"] = low(12.6, 1);
    add_exclusive_bounds(scenarios, 8);
    const Json summary = summarise_ratios(scenarios, 1);
    EXPECT_DOUBLE_EQ(median_of(summary, "low_vs_native"), 1.05);
    EXPECT_NEAR(median_of(summary, "low_vs_exclusive_bound"), 12.6 / 12.8, 1e-9);
}

TEST(Summary, LeavesOutWhatWasNotMeasured) {
    Json scenarios = Json::array();
    add_repeat(scenarios, 0, 41);
    scenarios.erase(0);  // high-alone
    add_exclusive_bounds(scenarios, 8);
    const Json summary = summarise_ratios(scenarios, 1);
    EXPECT_FALSE(summary.contains("p99_vs_alone"));
    EXPECT_FALSE(summary.contains("low_vs_exclusive_bound"));
    EXPECT_TRUE(summary.contains("p99_vs_native"));
}

TEST(Verdict, DecidesEachBarByTheMedians) {
    const Json scenarios = three_repeats();
    const Json summary = summarise_ratios(scenarios, 1);
    const Json verdict = judge({scenarios, summary, scenarios.size()});
    EXPECT_EQ(verdict.at("minimum").at("met"), true);
    EXPECT_EQ(verdict.at("ideal").at("met"), true);
    EXPECT_EQ(verdict.at("ours").at("met"), false);  // P99 is 10 % above alone
}

TEST(Verdict, AMissingScenarioLeavesABarUndecided) {
    Json scenarios = three_repeats();
    scenarios.erase(0);
    scenarios.erase(3);
    scenarios.erase(6);
    const Json summary = summarise_ratios(scenarios, 1);
    const Json verdict = judge({scenarios, summary, 12});
    EXPECT_EQ(verdict.at("minimum").at("met"), false);
    EXPECT_TRUE(verdict.at("ours").at("met").is_null());
    EXPECT_EQ(verdict.at("ideal").at("met"), true);
}

TEST(Verdict, DifferentOutputsMissTheMinimum) {
    Json scenarios = three_repeats();
    scenarios[2]["output_sha256"]["resnet18 b1"] = "bb";
    const Json verdict = judge({scenarios, summarise_ratios(scenarios, 1), scenarios.size()});
    EXPECT_EQ(verdict.at("minimum").at("met"), false);
}

TEST(Overhead, ComparesTheTwoSidesOfEachPair) {
    Json scenarios = Json::array();
    const std::vector<double> slower = {1.002, 1.004, 1.006};
    for (int pair = 0; pair < 3; ++pair) {
        for (const char* workload : {"high", "low"}) {
            const double native_ms = 10 + pair;  // a drift that the ratios must not see
            const double ratio = slower[static_cast<std::size_t>(pair)];
            scenarios.push_back({{"name", "native"},
                                 {"workload", workload},
                                 {"repeat", pair},
                                 {"p50_pass_ms", native_ms}});
            scenarios.push_back({{"name", "headway"},
                                 {"workload", workload},
                                 {"repeat", pair},
                                 {"p50_pass_ms", native_ms * ratio}});
        }
    }
    const std::vector<std::string> cases = {"high", "low"};
    const Json summary = summarise_overhead(scenarios, cases, 1);
    EXPECT_NEAR(median_of(summary, "high_vs_native"), 1.004, 1e-9);
    EXPECT_EQ(judge_overhead(summary, cases, false).at("alone is free").at("met"), true);
    scenarios.back()["p50_pass_ms"] = 100.0;
    scenarios[scenarios.size() - 5]["p50_pass_ms"] = 100.0;
    const Json slower_summary = summarise_overhead(scenarios, cases, 1);
    EXPECT_EQ(judge_overhead(slower_summary, cases, false).at("alone is free").at("met"), false);
}

}  // namespace
}  // namespace headway::bench
