// headway-bench threads: entries, ratios, marks; and the parts of a suite that run nothing.
#include "bench/failure.h"
#include "bench/process/nvml.h"
#include "bench/result/machine_watch.h"
#include "bench/result/marks.h"
#include "bench/suite/items.h"
#include "bench/suite/stored.h"
#include "bench/threads/entry.h"
#include "bench/threads/options.h"
#include "bench/threads/scenarios.h"
#include "bench/threads/summary.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMs = 1'000'000;

TEST(ThreadsEntry, CountsEachClassFromTheCommonStart) {
    TaskLog high{true, {{10 * kMs, 20 * kMs}, {20 * kMs, 40 * kMs}}, "a", {{"held", 1U}}};
    TaskLog low{false, {{10 * kMs, 110 * kMs}}, "a", {{"held", 2U}}};
    const Json entry = entry_of({high, low, low}, 10 * kMs, "work");
    EXPECT_EQ(entry.at("high").at("requests"), 2);
    EXPECT_DOUBLE_EQ(entry.at("high").at("max_ms").get<double>(), 20);
    EXPECT_DOUBLE_EQ(entry.at("low").at("iterations_per_s").get<double>(), 20);
    EXPECT_DOUBLE_EQ(entry.at("total_time_s").get<double>(), 0.1);
    EXPECT_DOUBLE_EQ(entry.at("tasks_per_s").get<double>(), 40);
    EXPECT_EQ(entry.at("counters").at("low").at("held"), 4);
    EXPECT_EQ(entry.at("output_sha256").at("work"), "a");
    low.output_sha256 = "b";
    EXPECT_EQ(entry_of({high, low}, 0, "work").at("output_sha256").at("work"), "a and b");
}

Json run_of(const char* name, int repeat, double high_ms, double total_s) {
    return {{"name", name},
            {"repeat", repeat},
            {"high", {{"p50_ms", high_ms}, {"p99_ms", high_ms}}},
            {"low", {{"p99_ms", 1.0}}},
            {"total_time_s", total_s}};
}

TEST(ThreadsSummary, ComparesEachMixWithItsOwnBaselines) {
    Json scenarios = Json::array();
    for (int repeat = 0; repeat < 2; ++repeat) {
        scenarios.push_back(run_of("alone", repeat, 10, 1));
        scenarios.push_back(run_of("unscheduled-1-15", repeat, 160, 10));
        scenarios.push_back(run_of("mixed-1-15", repeat, 12, 10.2));
    }
    const Json summary = summarise_threads(scenarios, 1);
    EXPECT_DOUBLE_EQ(summary.at("mixed_1_15_high_p99_vs_alone").at("median").get<double>(), 1.2);
    EXPECT_NEAR(
        summary.at("mixed_1_15_high_p50_vs_unscheduled").at("median").get<double>(), 0.075, 1e-9);
    EXPECT_FALSE(summary.contains("mixed_3_13_high_p99_vs_alone"));
    const Json verdict = judge_threads(scenarios, summary, 6);
    EXPECT_EQ(verdict.at("minimum").at("met"), true);
    EXPECT_EQ(verdict.at("one high of 16").at("met"), false);
    EXPECT_EQ(verdict.at("three high of 16").at("met"), nullptr);
}

TEST(ThreadsScenarios, EveryMixNamesScenariosThatAreThere) {
    for (const ThreadsMix& mix : threads_mixes()) {
        const ThreadsScenario* const headway = find_threads_scenario(mix.headway);
        const ThreadsScenario* const alone = find_threads_scenario(mix.alone);
        const ThreadsScenario* const without = find_threads_scenario(mix.unscheduled);
        ASSERT_TRUE(headway != nullptr && alone != nullptr && without != nullptr);
        EXPECT_TRUE(headway->headway && !alone->headway && !without->headway);
        EXPECT_EQ(headway->high, alone->high);
        EXPECT_EQ(headway->think, alone->think);
        EXPECT_EQ(headway->low, without->low);
    }
}

std::string refusal(std::vector<std::string> arguments) {
    CLI::App app;
    ThreadsOptions options;
    ThreadsOptionSet set(app, options);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
        set.resolve();
    } catch (const CLI::ParseError& error) {
        return error.what();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), kExitBadArguments);
        return failure.what();
    }
    return {};
}

TEST(ThreadsOptions, RefuseNonsenseInOneLine) {
    EXPECT_EQ(refusal({}), "");
    EXPECT_NE(refusal({"--scenarios", "mixed"}).find("there are: alone"), std::string::npos);
    EXPECT_NE(refusal({"--scenarios", "alone,alone"}).find("twice"), std::string::npos);
    EXPECT_NE(refusal({"--side", "0"}).find("--side"), std::string::npos);
    EXPECT_NE(refusal({"--tasks", "x"}).find("--tasks"), std::string::npos);
    EXPECT_NE(refusal({"--stream", "pool"}).find("--stream"), std::string::npos);
    EXPECT_NE(refusal({"--batch-size", "5"}).find("--threshold"), std::string::npos);
    EXPECT_NE(refusal({"--device", "cuda:4096"}).find("cuda:4096"), std::string::npos);
}

TEST(Marks, NameTheRepeatThatIsNotLikeTheOthers) {
    Json scenarios = Json::array();
    for (int repeat = 0; repeat < 6; ++repeat)
        scenarios.push_back(run_of("alone", repeat, repeat == 3 ? 15 : 10 + 0.01 * repeat, 1));
    scenarios[1]["machine"]["gpu"]["throttle_reasons"] = {"sw_power_cap"};
    scenarios[2]["machine"]["gpu"]["throttle_reasons"] = Json::array();
    mark_repeats(scenarios);
    EXPECT_EQ(scenarios.size(), 6U);
    EXPECT_EQ(scenarios[1].at("marks").at(0), "throttled: sw_power_cap");
    EXPECT_FALSE(scenarios[2].contains("marks"));
    ASSERT_TRUE(scenarios[3].contains("marks"));
    EXPECT_EQ(scenarios[3].at("marks").at(0).get<std::string>().rfind("outlying: high.p50_ms", 0),
              0U);
}

TEST(MachineWatch, KnowsTheLoadOfACpuAndNoGpu) {
    MachineWatch watch("cpu");
    const Json machine = watch.finish();
    EXPECT_GE(machine.at("load_average").get<double>(), 0);
    EXPECT_FALSE(machine.contains("gpu"));
}

TEST(Nvml, OnlyReasonsThatSlowWorkDownCount) {
    EXPECT_TRUE(throttle_names(0x1 | 0x2).empty());  // idle, fixed by a setting
    EXPECT_EQ(throttle_names(0x4 | 0x40),
              (std::vector<std::string>{"sw_power_cap", "hw_thermal_slowdown"}));
    EXPECT_EQ(Nvml::open(4096), nullptr);
}

TEST(SuiteItems, QuickChangesValuesAndNotWhichOptionsAreNamed) {
    const auto options_named = [](const SuiteItem& item) {
        std::vector<std::string> names;
        for (const std::string& word : item.arguments) {
            if (word.rfind("--", 0) == 0) names.push_back(word);
        }
        return names;
    };
    for (const char* device : {"cpu", "cuda:0"}) {
        const std::vector<SuiteItem> full = suite_items("all", device, false);
        const std::vector<SuiteItem> quick = suite_items("all", device, true);
        ASSERT_EQ(full.size(), quick.size());
        for (std::size_t i = 0; i < full.size(); ++i)
            EXPECT_EQ(options_named(full[i]), options_named(quick[i])) << full[i].name;
    }
    EXPECT_EQ(suite_items("overhead", "cpu", true).size(), 1U);
}

class StoredFile : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "headway-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    StoredResult stored_as(const std::function<void(Json&)>& change) const {
        Json file = {{"schema", "headway.bench/1"},
                     {"benchmark", "threads"},
                     {"headway", origin_.build},
                     {"host", origin_.host},
                     {"config", {{"device", "cpu"}, {"repeats", 3}, {"tf32", true}}},
                     {"scenarios", Json::array()},
                     {"summary", Json::object()},
                     {"verdict", Json::object()},
                     {"partial", false}};
        change(file);
        std::ofstream(folder_ / "r.json") << file;
        return find_stored((folder_ / "r.json").string(), item_, origin_);
    }

    std::filesystem::path folder_;
    Origin origin_ = {{{"version", "1"}, {"commit", "c"}}, {{"cpu", "A"}, {"gpu", nullptr}}};
    SuiteItem item_ = {"r", {"threads", "--device", "cpu", "--tf32", "--repeats", "3"}};
};

TEST_F(StoredFile, IsTakenOnlyIfItIsTheSameRun) {
    EXPECT_EQ(find_stored((folder_ / "r.json").string(), item_, origin_).kind, Stored::kAbsent);
    const StoredResult same = stored_as([](Json&) {});
    EXPECT_EQ(same.kind, Stored::kComplete) << same.why;
    EXPECT_EQ(stored_as([](Json& file) { file["partial"] = true; }).kind, Stored::kPartial);
    const auto why = [this](const std::function<void(Json&)>& change) {
        const StoredResult result = stored_as(change);
        EXPECT_EQ(result.kind, Stored::kOther);
        return result.why;
    };
    EXPECT_EQ(why([](Json& file) { file["config"]["repeats"] = 5; }), "repeats is 5 there, 3 here");
    EXPECT_EQ(why([](Json& file) { file["config"]["tf32"] = false; }),
              "tf32 is no there, yes here");
    EXPECT_EQ(why([](Json& file) { file["headway"]["commit"] = "d"; }),
              "commit is d there, c here");
    EXPECT_EQ(why([](Json& file) { file["host"]["cpu"] = "B"; }), "cpu is B there, A here");
    EXPECT_NE(why([](Json& file) { file["schema"] = "headway.bench/0"; }).find("headway.bench/0"),
              std::string::npos);
}

}  // namespace
}  // namespace headway::bench
