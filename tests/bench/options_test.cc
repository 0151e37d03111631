#include "bench/two_models/options.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/two_models/plan.h"
#include "bench/two_models/scenarios.h"
#include "headway/headway.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

// Parses a command line of two-models. Throws what the program would report.
Options parse(std::vector<std::string> arguments) {
    CLI::App app;
    Options options;
    OptionSet set(app, options);
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

TEST(Options, DefaultsOfACpuFitOneCore) {
    const Options options = parse({});
    EXPECT_EQ(options.device, "cpu");
    EXPECT_EQ(options.threads, 1);
    EXPECT_EQ(options.cpus, 1);
    EXPECT_EQ(options.high_batch, 1);
    EXPECT_DOUBLE_EQ(options.duration, 15);
    EXPECT_EQ(options.high_priority, 10);
    EXPECT_EQ(options.low_priority, 1);
    EXPECT_EQ(options.threshold, 4U);
    EXPECT_EQ(options.batch_size, 2U);
    EXPECT_EQ(options.scenarios,
              (std::vector<std::string>{"high-alone", "low-alone", "native", "headway"}));
}

TEST(Options, ProcessesHaveTimeSlicingInPlaceOfNative) {
    const Options options = parse({"--placement", "processes", "--timeslice-us", "40"});
    EXPECT_EQ(options.scenarios,
              (std::vector<std::string>{"high-alone", "low-alone", "time-slicing", "headway"}));
    EXPECT_EQ(options.timeslice_us, "40");
    EXPECT_EQ(to_json(options).at("placement"), "processes");
    EXPECT_EQ(Options().timeslice_us, "auto");
}

TEST(Options, AnExternalCommandIsAScenario) {
    const std::string recipe = R"(idle=sh -c '[ "$ROLE" = low ]; exec "$@"' "two words")";
    const Options options = parse({"--placement",
                                   "processes",
                                   "--external",
                                   recipe,
                                   "--external",
                                   "env=env",
                                   "--scenarios",
                                   "high-alone,idle"});
    EXPECT_EQ(options.scenarios, (std::vector<std::string>{"high-alone", "idle", "env"}));
    const nlohmann::json json = to_json(options);
    EXPECT_EQ(json.at("external"), (nlohmann::json{recipe, "env=env"}));
    const Options read = options_from_json(json);
    ASSERT_EQ(read.externals.size(), 2U);
    const std::vector<std::string> words = external_words(read.externals[0]);
    ASSERT_EQ(words.size(), 4U);
    EXPECT_EQ(words[0].back(), 'h');
    EXPECT_EQ(words[0].front(), '/');
    EXPECT_EQ(words[2], R"([ "$ROLE" = low ]; exec "$@")");
    EXPECT_EQ(words[3], "two words");
}

TEST(Options, WhatOthersScheduleRunsOnlyIfNamed) {
    const std::vector<std::string> names = default_scenarios("cuda:0", Placement::kProcesses);
    EXPECT_EQ(names,
              (std::vector<std::string>{"high-alone", "low-alone", "time-slicing", "headway"}));
    EXPECT_TRUE(find_scenario("mps-80", {}).has_value());
}

TEST(Options, GreenContextsAreForThreadsAndSplitTheGpu) {
    const auto names = scenario_names(Placement::kThreads, {});
    EXPECT_EQ(std::count(names.begin(), names.end(), "green-80"), 1);
    const auto defaults = default_scenarios("cuda:0", Placement::kThreads);
    EXPECT_EQ(std::count(defaults.begin(), defaults.end(), "green-80"), 0);
    const Scenario green = find_scenario("green-80", {}).value();
    EXPECT_EQ(processors_of(green, false).percent, 80);
    EXPECT_FALSE(processors_of(green, false).rest);
    EXPECT_EQ(processors_of(green, true).percent, 80);
    EXPECT_TRUE(processors_of(green, true).rest);
    EXPECT_EQ(processors_of(find_scenario("headway", {}).value(), true).percent, 0);
}

TEST(Options, TrainingTravelsToAChild) {
    const Options options = parse({"--low-task", "training", "--low-count", "3"});
    EXPECT_EQ(options.low_batch, 2);
    const nlohmann::json json = to_json(options);
    EXPECT_EQ(json.at("low_task"), "training");
    EXPECT_EQ(options_from_json(json).low_task, Task::kTraining);
    EXPECT_EQ(options_from_json(json).low_count, 3);
}

TEST(Options, WhatIsGivenWins) {
    const Options options = parse({"--rate",
                                   "3.5",
                                   "--arrivals",
                                   "uniform",
                                   "--low-batch",
                                   "8",
                                   "--scenarios",
                                   "native,headway",
                                   "--high-priority",
                                   "-5",
                                   "--linger-us",
                                   "70",
                                   "--no-tf32",
                                   "--dtype",
                                   "bf16"});
    EXPECT_DOUBLE_EQ(options.rate, 3.5);
    EXPECT_EQ(options.arrivals, Arrivals::kUniform);
    EXPECT_EQ(options.low_batch, 8);
    EXPECT_EQ(options.scenarios, (std::vector<std::string>{"native", "headway"}));
    EXPECT_EQ(options.high_priority, -5);
    EXPECT_EQ(linger_of(options), 70U);
    EXPECT_FALSE(options.tf32);
    EXPECT_EQ(options.dtype, Dtype::kBf16);
    EXPECT_EQ(linger_of(Options()), HEADWAY_LINGER_AUTO);
}

TEST(Options, SurviveTheWayToAChild) {
    Options options = parse({"--dtype", "fp16", "--seed", "77", "--arrivals", "poisson"});
    options.stream = StreamKind::kPool;
    options.memory_cap_mib = 123;
    const nlohmann::json json = to_json(options);
    EXPECT_EQ(to_json(options_from_json(json)), json);
    EXPECT_EQ(json.at("dtype"), "fp16");
    EXPECT_EQ(json.at("arrivals"), "poisson");
    EXPECT_EQ(json.at("stream"), "pool");
    EXPECT_EQ(json.at("linger_us"), "auto");
}

struct BadLine {
    std::vector<std::string> arguments;
    std::string named;  // must appear in the message
};

std::vector<std::string> external(const std::string& text, const std::string& another = {}) {
    std::vector<std::string> words = {"--placement", "processes", "--external", text};
    if (!another.empty()) words.insert(words.end(), {"--external", another});
    return words;
}

class BadCommandLine : public testing::TestWithParam<BadLine> {};

TEST_P(BadCommandLine, IsRefusedInOneLineThatNamesTheOption) {
    const std::string line = refusal(GetParam().arguments);
    EXPECT_NE(line.find(GetParam().named), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Options,
    BadCommandLine,
    testing::Values(BadLine{{"--rate", "-1"}, "--rate"},
                    BadLine{{"--rate", "0"}, "--rate"},
                    BadLine{{"--rate", "nan"}, "--rate"},
                    BadLine{{"--rate", "inf"}, "--rate"},
                    BadLine{{"--rate", "5x"}, "--rate"},
                    BadLine{{"--rate", "0.01"}, "--duration"},
                    BadLine{{"--duration", "0"}, "--duration"},
                    BadLine{{"--high-batch", "0"}, "--high-batch"},
                    BadLine{{"--low-batch", "0"}, "--low-batch"},
                    BadLine{{"--low-batch", "1.5"}, "--low-batch"},
                    BadLine{{"--low-batch", "99999999999999999999"}, "--low-batch"},
                    BadLine{{"--high-priority", "256"}, "--high-priority"},
                    BadLine{{"--low-priority", "-257"}, "--low-priority"},
                    BadLine{{"--threshold", "0"}, "--threshold"},
                    BadLine{{"--batch-size", "5"}, "--threshold"},
                    BadLine{{"--linger-us", "soon"}, "--linger-us"},
                    BadLine{{"--dtype", "fp8"}, "fp16"},
                    BadLine{{"--arrivals", "burst"}, "poisson"},
                    BadLine{{"--device", "tpu"}, "cuda:0"},
                    BadLine{{"--device", "cuda:4096"}, "cuda:4096"},
                    BadLine{{"--stream", "pool"}, "--stream"},
                    BadLine{{"--cpus", "4096"}, "--cpus"},
                    BadLine{{"--repeats", "0"}, "--repeats"},
                    BadLine{{"--scenarios", "natve"}, "natve"},
                    BadLine{{"--scenarios", "native,native"}, "twice"},
                    BadLine{{"--scenarios", "stream-priority"}, "GPU"},
                    BadLine{{"--scenarios", "green-80"}, "GPU"},
                    BadLine{{"--placement", "processes", "--scenarios", "green-80"}, "--placement"},
                    BadLine{{"--scenarios", "time-slicing"}, "--placement"},
                    BadLine{{"--placement", "processes", "--scenarios", "native"}, "time-slicing"},
                    BadLine{{"--placement", "machines"}, "processes"},
                    BadLine{{"--placement", "processes", "--scenarios", "mps"}, "GPU"},
                    BadLine{{"--placement", "processes", "--scenarios", "mps-9"}, "mps-80"},
                    BadLine{{"--scenarios", "mps"}, "--placement"},
                    BadLine{{"--external", "nice"}, "NAME=COMMAND"},
                    BadLine{{"--external", "Nice=env"}, "lower-case"},
                    BadLine{{"--external", "=env"}, "lower-case"},
                    BadLine{{"--external", "nice=env"}, "--placement processes"},
                    BadLine{external("mps=env"), "--external mps"},
                    BadLine{external("nice=env", "nice=env"), "--external nice"},
                    BadLine{external("nice="), "no command"},
                    BadLine{external("nice=frobnicate 1"), "frobnicate: no such program in PATH"},
                    BadLine{external("nice=/frobnicate"), "/frobnicate: no such program"},
                    BadLine{external("nice=sh -c 'exec"), "isn't closed"},
                    BadLine{external("nice=env; env"), "outside quotes"},
                    BadLine{external("nice=env $(id)"), "substitution"},
                    BadLine{external("nice=env $HEADWAY_NO_SUCH"), "'...'"},
                    BadLine{{"--low-count", "0"}, "--low-count"},
                    BadLine{{"--low-count", "65"}, "--low-count"},
                    BadLine{{"--timeslice-us", "on"}, "--timeslice-us"},
                    BadLine{{"--timeslice-us", "0"}, "--timeslice-us"},
                    BadLine{{"--low-task", "sleep"}, "training"},
                    BadLine{{"--high-graph"}, "--high-graph"},
                    BadLine{{"--low-graph"}, "--low-graph"},
                    BadLine{{"--frobnicate"}, "--frobnicate"}));

TEST(Plan, RunsEveryScenarioOncePerRepeatInChangingOrder) {
    const std::vector<std::string> names = {"a", "b", "c", "d"};
    const std::vector<Step> plan = interleave(names, 20, 1);
    ASSERT_EQ(plan.size(), 80U);
    std::set<std::string> orders;
    for (std::size_t repeat = 0; repeat < 20; ++repeat) {
        std::multiset<std::string> seen;
        std::string order;
        for (std::size_t i = 4 * repeat; i < 4 * repeat + 4; ++i) {
            EXPECT_EQ(plan[i].repeat, static_cast<int>(repeat));
            seen.insert(plan[i].scenario);
            order += plan[i].scenario;
        }
        EXPECT_EQ(seen, std::multiset<std::string>(names.begin(), names.end()));
        orders.insert(order);
    }
    EXPECT_GT(orders.size(), 5U);
}

}  // namespace
}  // namespace headway::bench
