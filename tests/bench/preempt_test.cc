// `headway-bench preempt`: its arithmetic, its kernels' text and its options.
#include "bench/failure.h"
#include "bench/preempt/options.h"
#include "bench/preempt/spin_gpu.h"
#include "bench/preempt/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

Json entry(const char* name, int repeat, double p1, double p50, double p99) {
    return {
        {"name", name},
        {"repeat", repeat},
        {"latency_us", {{"p1", p1}, {"p50", p50}, {"p90", p50}, {"p99", p99}, {"max", p99 + 10}}}};
}

Json two_repeats() {
    return {entry("alone", 0, 35, 40, 100),
            entry("headway", 0, 215, 224, 240),
            entry("time-slicing", 0, 220, 900, 1600),
            entry("alone", 1, 35, 44, 110),
            entry("headway", 1, 217, 230, 264),
            entry("time-slicing", 1, 230, 910, 1700)};
}

double median_of(const Json& summary, const char* name) {
    return summary.at(name).at("median").get<double>();
}

TEST(PreemptSummary, SaysWhatALatencyIsMadeOf) {
    const Json summary = summarise_preempt(two_repeats(), 1);
    EXPECT_NEAR(median_of(summary, "headway_p99_us"), 252, 1e-6);
    EXPECT_NEAR(median_of(summary, "alone_p50_us"), 42, 1e-6);
    EXPECT_NEAR(median_of(summary, "headway_switch_us"), (175 + 173) / 2.0, 1e-6);
    EXPECT_NEAR(median_of(summary, "headway_slice_us"), (25 + 47) / 2.0, 1e-6);
    EXPECT_NEAR(median_of(summary, "p99_vs_alone"), 2.4, 1e-3);
    EXPECT_FALSE(summary.contains("alone_switch_us"));
    EXPECT_FALSE(summary.contains("gate_only_p99_us"));
}

TEST(PreemptSummary, TakesRatiosOnlyWithinARepeat) {
    Json scenarios = two_repeats();
    scenarios.erase(0);  // alone of the first repeat
    const Json summary = summarise_preempt(scenarios, 1);
    EXPECT_NEAR(median_of(summary, "p99_vs_alone"), 2.4, 1e-3);
    EXPECT_TRUE(summary.at("p99_vs_alone").at("ci95").is_null());
    EXPECT_NEAR(median_of(summary, "headway_p99_us"), 252, 1e-6);
}

TEST(PreemptVerdict, IsDecidedByTheMedian) {
    EXPECT_EQ(judge_preempt(summarise_preempt(two_repeats(), 1)).at("preemption").at("met"), true);
    Json slow = two_repeats();
    slow[1] = entry("headway", 0, 215, 224, 290);
    EXPECT_EQ(judge_preempt(summarise_preempt(slow, 1)).at("preemption").at("met"), false);
    EXPECT_TRUE(judge_preempt(Json::object()).at("preemption").at("met").is_null());
}

TEST(PreemptKernels, CarryTheirDurationInNanoseconds) {
    const std::string ptx = spin_ptx("sm_50", 10'000);
    EXPECT_NE(ptx.find(".entry spin_10000us()"), std::string::npos) << ptx;
    EXPECT_NE(ptx.find("%end, %end, 10000000;"), std::string::npos) << ptx;
    EXPECT_NE(ptx.find(".target sm_50"), std::string::npos) << ptx;
    EXPECT_NE(ptx.find(".entry empty()"), std::string::npos) << ptx;
}

// The one line for a command line that must be refused; "" if it was not.
std::string refusal(std::vector<std::string> arguments) {
    CLI::App app;
    PreemptOptions options;
    add_preempt_options(app, options);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
        resolve(options);
    } catch (const CLI::ParseError& error) {
        return error.what();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), kExitBadArguments);
        return failure.what();
    }
    return {};
}

TEST(PreemptOptions, RefusesNonsenseInOneLine) {
    EXPECT_NE(refusal({"--scenarios", "native"}).find("there are: alone"), std::string::npos);
    EXPECT_NE(refusal({"--scenarios", "alone,alone"}).find("twice"), std::string::npos);
    EXPECT_NE(refusal({"--kernel-ms", "0"}).find("--kernel-ms"), std::string::npos);
    EXPECT_NE(refusal({"--kernel-ms", "0.01"}).find("at least 0.05"), std::string::npos);
    EXPECT_NE(refusal({"--duration", "0.001"}).find("--interval-ms"), std::string::npos);
    EXPECT_NE(refusal({"--blocks", "0"}).find("--blocks"), std::string::npos);
    EXPECT_NE(refusal({"--timeslice-us", "soon"}).find("--timeslice-us"), std::string::npos);
    EXPECT_NE(refusal({"--device", "cpu"}).find("GPU"), std::string::npos);
    EXPECT_NE(refusal({"--device", "cuda:4096"}).find("cuda:4096"), std::string::npos);
}

TEST(PreemptOptions, AreAllInTheResultFile) {
    const Json config = to_json(PreemptOptions());
    for (const char* name : {"device",
                             "scenarios",
                             "repeats",
                             "duration",
                             "warm_up",
                             "kernel_ms",
                             "interval_ms",
                             "blocks",
                             "block_threads",
                             "high_priority",
                             "low_priority",
                             "timeslice_us",
                             "seed"}) {
        EXPECT_TRUE(config.contains(name)) << name;
    }
    EXPECT_EQ(config.at("low_model"), "kernels of 10 ms");
}

}  // namespace
}  // namespace headway::bench
