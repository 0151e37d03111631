// The parts of headway-bench mix that need no Python: its files, its scenarios, its numbers.
#include "bench/failure.h"
#include "bench/mix/catalog.h"
#include "bench/mix/measure.h"
#include "bench/mix/scenarios.h"
#include "bench/mix/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace headway::bench {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr const char* kGood = R"(about = "text"
[[member]]
name = "low-one"
about = "a job"
role = "low"
priority = 1
program = "long_kernel.py"
[member.gpu]
parameters = { side = 6144 }
[member.cpu]
[[member]]
name = "first"
about = "a service"
role = "high"
priority = 10
program = "gpt2_decode.py"
[member.gpu]
rate = 2
arrivals = "uniform"
[member.cpu]
rate = 10
arrivals = "onoff"
on_s = 0.5
off_s = 0.5
parameters = { layers = 2, exact = true, scale = 0.5, kind = "tiny" }
[[member]]
name = "second"
about = "another"
role = "high"
priority = 5
program = "bert_encoder.py"
[member.gpu]
rate = 20
arrivals = "poisson"
[member.cpu]
rate = 4
arrivals = "poisson"
)";

class WorkloadFile : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "headway-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& text) const {
        const std::string path = (folder_ / "mine.toml").string();
        std::ofstream(path) << text;
        return path;
    }

    Workload read(const std::string& text) const {
        return read_workload(write(text), mix_programs_folder());
    }

    // The message for a file in which `from` has been replaced by `to`.
    std::string complaint(const std::string& from, const std::string& to) const {
        std::string text = kGood;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        try {
            read(text);
        } catch (const Failure& failure) {
            EXPECT_EQ(failure.code(), kExitBadArguments);
            return failure.what();
        }
        return "no complaint";
    }

    std::filesystem::path folder_;
};

TEST_F(WorkloadFile, IsRead) {
    const Workload workload = read(kGood);
    EXPECT_EQ(workload.name, "mine");
    EXPECT_EQ(workload.about, "text");
    ASSERT_EQ(workload.members.size(), 3U);
    const MixMember& first = workload.members[0];
    EXPECT_EQ(first.name, "first");
    EXPECT_TRUE(first.high);
    EXPECT_EQ(first.priority, 10);
    EXPECT_EQ(first.path, mix_programs_folder() + "/gpt2_decode.py");
    EXPECT_EQ(first.on("cpu").arrivals, Arrivals::kOnOff);
    EXPECT_EQ(first.on("cpu").off_s, 0.5);
    EXPECT_EQ(first.on("cpu").parameters,
              Json({{"layers", 2}, {"exact", true}, {"scale", 0.5}, {"kind", "tiny"}}));
    EXPECT_EQ(first.on("cuda:0").rate_per_s, 2);
    EXPECT_EQ(workload.members[2].name, "low-one");
    EXPECT_FALSE(workload.members[2].high);
    EXPECT_EQ(workload.members[2].on("cpu").rate_per_s, 0);
    EXPECT_EQ(mix_scenario_names(workload),
              std::vector<std::string>(
                  {"first-alone", "second-alone", "low-alone", "time-slicing", "headway"}));
    EXPECT_EQ(mix_scenario(workload, "second-alone").members.at(0)->name, "second");
    EXPECT_EQ(mix_scenario(workload, "headway").members.size(), 3U);
    EXPECT_TRUE(mix_scenario(workload, "headway").headway);
    EXPECT_FALSE(mix_scenario(workload, "time-slicing").headway);
}

TEST_F(WorkloadFile, PrefersAProgramBesideIt) {
    std::ofstream(folder_ / "long_kernel.py") << "";
    EXPECT_EQ(read(kGood).members.back().path, (folder_ / "long_kernel.py").string());
}

TEST_F(WorkloadFile, SaysWhereItIsWrong) {
    const auto expect = [this](const char* from, const char* to, const char* part) {
        EXPECT_THAT(complaint(from, to), HasSubstr(part)) << to;
    };
    EXPECT_THAT(complaint("priority = 1\n", "priority = \"1\"\n"),
                HasSubstr("mine.toml:6:12: member[0].priority: it must be a whole number"));
    EXPECT_THAT(complaint("rate = 2\n", "rate = 2\nrhythm = 3\n"),
                HasSubstr("mine.toml:19:1: member[1].gpu.rhythm: no such key; there are: "));
    expect("about = \"text\"", "about = ", "mine.toml:1:");
    expect("arrivals = \"uniform\"", "arrivals = \"even\"", "one of uniform, poisson, onoff");
    expect("arrivals = \"uniform\"", "arrivals = \"uniform\"\non_s = 1", "only with arrivals");
    expect("rate = 10", "rate = 0.5", "less than one request in each burst");
    expect("rate = 20", "rate = 0", "member[2].gpu.rate: it must be a number above 0");
    expect("[member.cpu]\n[[member]]", "[[member]]", "member[0].cpu: it is missing");
    expect(
        "{ side = 6144 }", "{ side = [1] }", "member[0].gpu.parameters.side: it must be a number");
    expect("[member.cpu]\n[[", "[member.cpu]\nrate = 1\n[[", "member[0].cpu.rate: no such key");
    expect("\"gpt2_decode.py\"", "\"nothing.py\"", "member[1].program: there is no nothing.py");
    expect("\"low-one\"", "\"Low\"", "member[0].name: it must be made of a-z");
    expect("\"first\"", "\"low\"", "member[1].name: scenarios");
    expect("role = \"low\"", "role = \"middle\"", "it must be high or low");
    expect("priority = 5", "priority = 1", "second has no priority above that of low");
    expect("\"second\"", "\"first\"", "two have the name first");
    EXPECT_THROW(read("about = \"x\"\nmember = 3\n"), Failure);
    EXPECT_THROW(read("about = \"x\"\n"), Failure);
    EXPECT_THROW(read_workload(folder_ / "none.toml", mix_programs_folder()), Failure);
}

TEST_F(WorkloadFile, OfEachNamedMixIsRight) {
    const std::vector<std::string> names = mix_names();
    EXPECT_GE(names.size(), 9U);
    for (const std::string& name : names) {
        const Workload workload = read_workload(find_mix(name), mix_programs_folder());
        EXPECT_EQ(workload.name, name);
        EXPECT_LE(workload.members.front().about.size(), 40U);  // as tables show it
    }
    try {
        find_mix("nothing");
        ADD_FAILURE() << "found it";
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), kExitBadArguments);
        for (const std::string& name : names)
            EXPECT_THAT(failure.what(), HasSubstr(name));
    }
}

class Mix : public WorkloadFile {
 protected:
    void SetUp() override {
        WorkloadFile::SetUp();
        options_.workload = read(kGood);
        options_.duration_s = 4;
        options_.warm_up_s = 1;
        options_.facts.program = "python3";
    }

    std::vector<Json> jobs(const std::string& scenario, int repeat) const {
        std::vector<Json> jobs;
        for (const Member& member : mix_members(options_, {repeat, scenario}))
            jobs.push_back(member.job);
        return jobs;
    }

    MixOptions options_;
};

TEST_F(Mix, GivesEachScenarioOfARepeatTheSameArrivals) {
    const Json alone = jobs("first-alone", 0).at(0).at("arrivals_ns");
    EXPECT_EQ(alone, jobs("headway", 0).at(0).at("arrivals_ns"));
    EXPECT_NE(alone, jobs("headway", 1).at(0).at("arrivals_ns"));
    EXPECT_NE(jobs("headway", 0).at(0).at("arrivals_ns"),
              jobs("headway", 0).at(1).at("arrivals_ns"));
    EXPECT_EQ(alone.size(), 50U);  // 10/s in the second of warm-up and the four that count
    EXPECT_TRUE(std::is_sorted(alone.begin(), alone.end()));
    EXPECT_FALSE(jobs("headway", 0).at(2).contains("arrivals_ns"));
}

TEST_F(Mix, StartsThemUnderHeadwayRunInOneScenarioOnly) {
    const Json bare = jobs("time-slicing", 0).at(1);
    const std::vector<std::string> program = {
        "python3", "-B", mix_programs_folder() + "/bert_encoder.py"};
    EXPECT_EQ(bare.at("program"), program);
    EXPECT_TRUE(bare.at("environment").at("HEADWAY_PRIORITY").is_null());
    auto words = jobs("headway", 0).at(1).at("program").get<std::vector<std::string>>();
    ASSERT_GT(words.size(), program.size());
    const std::vector<std::string> rest = {"run", "--priority", "5", "--name", "second", "--"};
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), words.begin() + 1));
    EXPECT_TRUE(std::equal(program.rbegin(), program.rend(), words.rbegin()));
}

// What a high member sends: two requests, each begun 1 ms late, with three pieces.
Json high_result(double first_ms, double gap_ms) {
    Json pieces = Json::array();
    for (int request = 0; request < 2; ++request)
        pieces.push_back(
            {first_ms * 1e6, (first_ms + gap_ms) * 1e6, (first_ms + 2 * gap_ms) * 1e6});
    return {{"numbers",
             {{"arrivals_ns", {0, 500'000'000}},
              {"begins_ns", {1'000'000, 1'000'000}},
              {"pieces_ns", pieces},
              {"unfinished", 0}}},
            {"output_sha256", "a"},
            {"memory", 100},
            {"counters", {{"held", 0}}}};
}

Json low_result(int iterations, int held) {
    return {
        {"numbers", {{"iterations", iterations}, {"seconds", 4}, {"batch", 2}, {"losses", {1.5}}}},
        {"output_sha256", nullptr},
        {"memory", 50},
        {"counters", {{"held", held}}}};
}

TEST_F(Mix, CountsFromTheArrivalAndBetweenTokens) {
    const Json entry = mix_entry(
        options_, {0, "headway"}, {high_result(5, 2), high_result(3, 1), low_result(8, 7)});
    const Json& high = entry.at("high");
    EXPECT_EQ(high.at("p50_ms"), 9);
    EXPECT_EQ(high.at("mean_service_ms"), 8);
    EXPECT_EQ(high.at("arrivals_ms"), Json({0.0, 500.0}));
    EXPECT_EQ(high.at("first_token_ms").at("p99"), 5);
    EXPECT_EQ(high.at("between_tokens_ms").at("max"), 2);
    EXPECT_EQ(entry.at("members").at(0).at("name"), "second");
    EXPECT_EQ(entry.at("members").at(0).at("numbers").at("p50_ms"), 5);
    EXPECT_EQ(entry.at("low").at("images_per_s"), 4);
    EXPECT_EQ(entry.at("low").at("losses"), Json({1.5}));
    EXPECT_EQ(entry.at("counters").at("low").at("held"), 7);
    EXPECT_TRUE(entry.at("counters").contains("second"));
    EXPECT_EQ(entry.at("memory_mib"), 250);
    EXPECT_EQ(entry.at("output_sha256"), Json({{"first", "a"}, {"second", "a"}}));
}

TEST_F(Mix, RefusesAnEntryWithoutNumbersOrWithoutALane) {
    Json nothing = high_result(5, 2);
    for (const char* list : {"arrivals_ns", "begins_ns", "pieces_ns"})
        nothing["numbers"][list] = Json::array();
    EXPECT_THROW(mix_entry(options_, {0, "first-alone"}, {nothing}), Failure);
    Json no_lane = low_result(8, 7);
    no_lane["counters"] = nullptr;
    EXPECT_NO_THROW(mix_entry(options_, {0, "low-alone"}, {no_lane}));
    EXPECT_THROW(
        mix_entry(options_, {0, "headway"}, {high_result(5, 2), high_result(3, 1), no_lane}),
        Failure);
}

Json all_scenarios_of(const MixOptions& options, int held) {
    return Json::array({mix_entry(options, {0, "first-alone"}, {high_result(2, 2)}),
                        mix_entry(options, {0, "second-alone"}, {high_result(2, 0.5)}),
                        mix_entry(options, {0, "low-alone"}, {low_result(16, 0)}),
                        mix_entry(options,
                                  {0, "time-slicing"},
                                  {high_result(10, 8), high_result(7, 1.5), low_result(10, 0)}),
                        mix_entry(options,
                                  {0, "headway"},
                                  {high_result(3, 4), high_result(4, 1), low_result(12, held)})});
}

TEST_F(Mix, TakesRatiosOfEachMember) {
    Json scenarios = all_scenarios_of(options_, 5);
    add_mix_bounds(scenarios, options_);
    // Alone the highs need 10/s x 5 ms + 4/s x 2 ms of each second, and low does 4 iterations/s.
    EXPECT_NEAR(
        scenarios.at(4).at("low").at("exclusive_bound_per_s").get<double>(), 4 * (1 - 0.058), 1e-9);
    const Json summary = summarise_mix(scenarios, options_);
    const auto median = [&summary](const char* name) {
        return summary.at(name).at("median").get<double>();
    };
    EXPECT_NEAR(median("p99_vs_alone"), 11.0 / 6, 1e-9);
    EXPECT_NEAR(median("p99_vs_native"), 11.0 / 26, 1e-9);
    EXPECT_NEAR(median("first_token_p99_vs_alone"), 1.5, 1e-9);
    EXPECT_NEAR(median("between_tokens_p99_vs_alone"), 2, 1e-9);
    EXPECT_NEAR(median("between_tokens_p99_vs_native"), 0.5, 1e-9);
    EXPECT_NEAR(median("second_p99_vs_alone"), 2, 1e-9);
    EXPECT_NEAR(median("second_p50_vs_native"), 0.6, 1e-9);
    EXPECT_NEAR(median("low_vs_alone"), 0.75, 1e-9);
    EXPECT_NEAR(median("low_vs_exclusive_bound"), 3 / (4 * (1 - 0.058)), 1e-9);
    EXPECT_EQ(judge_mix(scenarios, summary, 5).at("minimum").at("met"), true);
}

TEST_F(Mix, IsNotMetIfLowWasNeverHeldOrOutputsDiffer) {
    Json scenarios = all_scenarios_of(options_, 0);
    const Json minimum = judge_mix(scenarios, summarise_mix(scenarios, options_), 5).at("minimum");
    EXPECT_EQ(minimum.at("met"), false);
    EXPECT_THAT(minimum.at("detail").get<std::string>(), HasSubstr("NEVER HELD in repeat 0"));
    scenarios = all_scenarios_of(options_, 5);
    scenarios[4]["output_sha256"]["second"] = "b";
    EXPECT_EQ(judge_mix(scenarios, Json::object(), 5).at("minimum").at("met"), false);
}

TEST_F(Mix, WritesAConfigThatReadersOfResultsTake) {
    options_.name = "mine";
    const Json config = to_json(options_);
    for (const auto& [key, value] : config.items()) {
        EXPECT_TRUE(value.is_primitive() || key == "scenarios") << key;
    }
    EXPECT_EQ(config.at("first.arrivals"), "onoff");
    EXPECT_EQ(config.at("first.parameters.layers"), 2);
    EXPECT_EQ(config.at("rate"), 10);
    EXPECT_FALSE(config.contains("low-one.rate"));
}

}  // namespace
}  // namespace headway::bench
