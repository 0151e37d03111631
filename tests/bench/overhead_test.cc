// The parts of `headway-bench overhead` that need no model: options, cases, arithmetic.
#include "bench/failure.h"
#include "bench/overhead/cases.h"
#include "bench/overhead/options.h"
#include "bench/overhead/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

// Parses a command line of overhead. Throws what the program would report.
OverheadOptions parse(std::vector<std::string> arguments) {
    CLI::App app;
    OverheadOptions options;
    OverheadOptionSet set(app, options);
    std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 wants
    app.parse(arguments);
    set.resolve();
    return options;
}

// The one line for a command line that must be refused; "" if it was not.
std::string refusal(const std::vector<std::string>& arguments) {
    try {
        parse(arguments);
    } catch (const CLI::ParseError& error) {
        return error.what();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), kExitBadArguments);
        return failure.what();
    }
    return {};
}

TEST(OverheadOptions, DefaultsOfACpuStayInOneProcess) {
    const OverheadOptions options = parse({});
    EXPECT_EQ(options.pairing, Pairing::kBlocks);
    EXPECT_EQ(options.cases, (Names{"high", "low"}));
    EXPECT_EQ(options.pairs, 60);
    EXPECT_EQ(options.models.low_batch, 2);
    EXPECT_EQ(options.models.cpus, 1);
    EXPECT_FALSE(options.armed);
}

TEST(OverheadOptions, WhatIsGivenWins) {
    const OverheadOptions options = parse({"--pairing",
                                           "processes",
                                           "--pairs",
                                           "7",
                                           "--rounds",
                                           "3",
                                           "--armed",
                                           "--cases",
                                           "low-b8,high",
                                           "--threshold",
                                           "64",
                                           "--batch-size",
                                           "32"});
    EXPECT_EQ(options.pairing, Pairing::kProcesses);
    EXPECT_EQ(options.pairs, 7);
    EXPECT_EQ(options.rounds, 3);
    EXPECT_TRUE(options.armed);
    EXPECT_EQ(options.cases, (Names{"low-b8", "high"}));
    const Json config = config_of(options);
    EXPECT_EQ(config.at("pairing"), "processes");
    EXPECT_EQ(config.at("armed"), true);
    EXPECT_EQ(config.at("threshold"), 64);
    EXPECT_TRUE(config.at("budget_us").is_null());
    EXPECT_EQ(config.at("device"), "cpu");
}

TEST(OverheadOptions, RefusesNonsenseInOneLine) {
    EXPECT_NE(refusal({"--cases", "medium"}).find("there are: high, low"), std::string::npos);
    EXPECT_NE(refusal({"--cases", "low,low"}).find("twice"), std::string::npos);
    EXPECT_NE(refusal({"--cases", "graph"}).find("GPU"), std::string::npos);
    EXPECT_NE(refusal({"--pairs", "1"}).find("--pairs"), std::string::npos);
    EXPECT_NE(refusal({"--pairs", "3", "--rounds", "4"}).find("--rounds"), std::string::npos);
    EXPECT_NE(refusal({"--pairing", "threads"}).find("--pairing"), std::string::npos);
    EXPECT_NE(refusal({"--threshold", "2", "--batch-size", "4"}).find("--batch-size"),
              std::string::npos);
    EXPECT_NE(refusal({"--high-priority", "1"}).find("--high-priority"), std::string::npos);
    EXPECT_NE(refusal({"--device", "cuda:999"}).find("--device"), std::string::npos);
    EXPECT_NE(refusal({"--device", "cuda:0", "--pairing", "blocks"}).find("--pairing"),
              std::string::npos);
}

TEST(OverheadCases, ArmedRunsHoldOnlyCasesWithABar) {
    for (const char* device : {"cpu", "cuda:0"}) {
        for (const std::string& name : default_overhead_cases(device, true)) {
            ASSERT_NE(find_overhead_case(name), nullptr) << name;
            EXPECT_GT(find_overhead_case(name)->armed_max, 1) << name;
        }
    }
    const Names gpu = default_overhead_cases("cuda:0", false);
    EXPECT_EQ(gpu.size(), graphs_available() ? 5U : 4U);
    EXPECT_EQ(find_overhead_case("medium"), nullptr);
}

TEST(OverheadCases, SpecsFollowTheCase) {
    Options options;
    options.high_batch = 3;
    options.low_batch = 512;
    const ModelSpec low = spec_of(*find_overhead_case("low"), options);
    EXPECT_EQ(low.architecture, Architecture::kResNet50);
    EXPECT_EQ(low.batch, 512);
    EXPECT_EQ(spec_of(*find_overhead_case("low-b8"), options).batch, 8);
    const ModelSpec graph = spec_of(*find_overhead_case("graph"), options);
    EXPECT_EQ(graph.architecture, Architecture::kResNet18);
    EXPECT_EQ(graph.batch, 3);
    EXPECT_TRUE(graph.graph);
    EXPECT_FALSE(low.graph);
}

// Pairs of a case whose passes take 10, 11, ... ms natively: a drift that ratios must not see.
void add_pairs(Json& scenarios, const char* name, const std::vector<double>& ratios) {
    for (std::size_t i = 0; i < ratios.size(); ++i) {
        const double native_ms = 10 + static_cast<double>(i);
        const Json pair = {{"workload", name}, {"repeat", i}};
        Json native = pair;
        native.update({{"name", "native"}, {"p50_pass_ms", native_ms}});
        Json headway = pair;
        headway.update({{"name", "headway"}, {"p50_pass_ms", native_ms * ratios[i]}});
        scenarios.push_back(headway);
        scenarios.push_back(native);
    }
}

TEST(OverheadSummary, NamesEachCaseAndTakesTheMedianOfItsPairs) {
    Json scenarios = Json::array();
    add_pairs(scenarios, "low", {1.000, 1.002, 1.020});
    add_pairs(scenarios, "low-b1", {1.03, 1.01, 1.02});
    const Json summary = summarise_overhead(scenarios, {"low", "low-b1", "high"}, 1);
    EXPECT_EQ(summary.size(), 2U);
    EXPECT_NEAR(summary.at("low_vs_native").at("median").get<double>(), 1.002, 1e-9);
    EXPECT_NEAR(summary.at("low_b1_vs_native").at("median").get<double>(), 1.02, 1e-9);
    EXPECT_NEAR(summary.at("low_b1_vs_native").at("ci95").at(1).get<double>(), 1.03, 1e-9);
}

TEST(OverheadVerdict, HasTheBarsOfTheConfiguration) {
    Json scenarios = Json::array();
    add_pairs(scenarios, "low", {1.005, 1.005});
    add_pairs(scenarios, "low-b1", {1.025, 1.025});
    const Names cases = {"low", "low-b1"};
    const Json summary = summarise_overhead(scenarios, cases, 1);
    EXPECT_EQ(judge_overhead(summary, cases, false).at("alone is free").at("met"), false);
    const Json armed = judge_overhead(summary, cases, true);
    EXPECT_EQ(armed.at("an idle rival is nearly free").at("met"), true);
}

TEST(OverheadVerdict, WaitsForEveryCaseThatHasABar) {
    Json scenarios = Json::array();
    add_pairs(scenarios, "low", {1, 1});
    const Names cases = {"high", "low"};
    const Json summary = summarise_overhead(scenarios, cases, 1);
    EXPECT_TRUE(judge_overhead(summary, cases, false).at("alone is free").at("met").is_null());
    // With a rival, high has no bar.
    EXPECT_EQ(judge_overhead(summary, cases, true).at("an idle rival is nearly free").at("met"),
              true);
    EXPECT_TRUE(judge_overhead(summary, {}, false).at("alone is free").at("met").is_null());
}

}  // namespace
}  // namespace headway::bench
