// headway-bench compare: which way is good, and what two files say together.
#include "bench/compare/compare.h"

#include "tests/bench/program.h"

#include <functional>
#include <utility>

namespace headway::bench {
namespace {

report::Ratio ratio(const char* name, double median, double low, double high) {
    return {name, median, std::pair(low, high)};
}

report::BenchResult with(const std::vector<report::Ratio>& summary) {
    report::BenchResult result;
    result.benchmark = "two-models";
    result.summary = summary;
    return result;
}

Change change_between(const report::Ratio& before, const report::Ratio& after) {
    return compare_results(with({before}), with({after})).ratios.at(0).change;
}

TEST(Compare, KnowsWhichWayIsGood) {
    EXPECT_EQ(better_of("two-models", "p99_vs_alone"), Better::kLower);
    EXPECT_EQ(better_of("two-models", "low_vs_native"), Better::kHigher);
    EXPECT_EQ(better_of("python-two-models", "low_vs_exclusive_bound"), Better::kHigher);
    EXPECT_EQ(better_of("two-models", "time_slicing_low_vs_alone"), Better::kHigher);
    EXPECT_EQ(better_of("two-models", "mps_80_low_vs_exclusive_bound"), Better::kHigher);
    EXPECT_EQ(better_of("two-models", "mps_80_p99_vs_alone"), Better::kLower);
    EXPECT_EQ(better_of("overhead", "low_vs_native"), Better::kLower);
    EXPECT_EQ(better_of("preempt", "headway_p99_us"), Better::kLower);
    EXPECT_EQ(better_of("preempt", "gate_only_slice_us"), Better::kLower);
    EXPECT_EQ(better_of("threads", "mixed_1_15_total_time_vs_unscheduled"), Better::kLower);
    EXPECT_EQ(better_of("threads", "mixed_1_15_low_p99_vs_unscheduled"), Better::kLower);
    EXPECT_EQ(better_of("threads", "low_throughput_vs_unscheduled"), Better::kHigher);
    EXPECT_EQ(better_of("new", "lowest"), Better::kUnknown);
}

TEST(Compare, JudgesByIntervalsThatDontOverlap) {
    const report::Ratio latency = ratio("p99_vs_alone", 1.0, 0.9, 1.1);
    EXPECT_EQ(change_between(latency, ratio("p99_vs_alone", 1.3, 1.2, 1.4)), Change::kWorse);
    EXPECT_EQ(change_between(latency, ratio("p99_vs_alone", 1.3, 1.1, 1.4)), Change::kUnchanged);
    EXPECT_EQ(change_between(latency, ratio("p99_vs_alone", 0.8, 0.7, 0.85)), Change::kBetter);
    const report::Ratio rate = ratio("low_vs_native", 1.0, 0.9, 1.1);
    EXPECT_EQ(change_between(rate, ratio("low_vs_native", 1.3, 1.2, 1.4)), Change::kBetter);
    EXPECT_EQ(change_between(rate, ratio("low_vs_native", 0.5, 0.4, 0.6)), Change::kWorse);
    const report::Ratio strange = ratio("strange", 1.0, 0.9, 1.1);
    EXPECT_EQ(change_between(strange, ratio("strange", 1.3, 1.2, 1.4)), Change::kMoved);
}

TEST(Compare, SaysWhyARatioIsNotCompared) {
    report::Ratio bare = ratio("p50_vs_alone", 9, 0, 0);
    bare.ci95.reset();
    const auto old_ratio = ratio("p50_vs_alone", 1, 0.9, 1.1);
    const Comparison none = compare_results(with({old_ratio}), with({bare}));
    EXPECT_EQ(none.ratios.at(0).change, Change::kNotCompared);
    EXPECT_NE(comparison_text(none).find("no interval: not compared"), std::string::npos);
    const Comparison gone = compare_results(with({old_ratio}), with({}));
    EXPECT_EQ(gone.ratios.at(0).why, "only in the old file");
    EXPECT_EQ(comparison_json(gone).at("ratios").at("p50_vs_alone").at("after"), nullptr);
}

TEST(Compare, NamesTheOptionThatDiffers) {
    report::BenchResult before = with({});
    before.config = {{"duration", "15"}, {"rate", "7"}, {"repeats", "3"}};
    before.host = {{"cpu", "A"}, {"driver", "1"}};
    report::BenchResult after = before;
    after.config = {{"duration", "15.0"}, {"repeats", "5"}, {"stream", "pool"}};
    const std::vector<std::string> found = incompatibilities(before, after);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], "rate: 7, now absent");
    EXPECT_EQ(found[1], "stream: absent, now pool");
    after.config = before.config;
    after.host = {{"cpu", "B"}, {"driver", "2"}};
    EXPECT_EQ(incompatibilities(before, after),
              std::vector<std::string>{"machine's cpu: A, now B"});
    EXPECT_EQ(compare_results(before, after).notes,
              std::vector<std::string>{"The machine's driver: 1, now 2."});
}

class CompareProgram : public Program {
 protected:
    static Json stored(const char* name) {
        std::ifstream file(std::string(HEADWAY_RESULTS_DIR) + "/" + name);
        return Json::parse(file);
    }

    // Writes the stored result as `name`, with a change.
    std::string changed(const char* stored_name,
                        const char* name,
                        const std::function<void(Json&)>& change) const {
        Json result = stored(stored_name);
        change(result);
        std::ofstream(path(name)) << result;
        return path(name);
    }

    static Finished compare(std::vector<std::string> words) {
        words.insert(words.begin(), {HEADWAY_BENCH_PATH, "compare"});
        return run_process(words);
    }
};

TEST_F(CompareProgram, FindsNothingWorseInTheSameFile) {
    for (const char* name :
         {"cpu/two-models.json", "cpu/overhead.json", "h200/two-models-threads-default.json"}) {
        const std::string file = std::string(HEADWAY_RESULTS_DIR) + "/" + name;
        const Finished run = compare({file, file});
        EXPECT_EQ(run.status, 0) << run.err;
        EXPECT_NE(run.out.find("0 worse, 0 better"), std::string::npos) << run.out;
    }
}

TEST_F(CompareProgram, FailsWhenARealFileGotWorse) {
    const std::string before = std::string(HEADWAY_RESULTS_DIR) + "/cpu/overhead.json";
    const std::string after = changed("cpu/overhead.json", "slow.json", [](Json& result) {
        result["summary"]["low_vs_native"] = {{"median", 1.2}, {"ci95", {1.1, 1.3}}};
    });
    const Finished run = compare({before, after, "--json", path("c.json")});
    EXPECT_EQ(run.status, 1) << run.out;
    EXPECT_NE(run.out.find("1 worse"), std::string::npos) << run.out;
    std::ifstream file(path("c.json"));
    const Json json = Json::parse(file);
    EXPECT_EQ(json.at("worse"), 1);
    EXPECT_EQ(json.at("ratios").at("low_vs_native").at("change"), "worse");
    EXPECT_EQ(compare({after, before}).status, 0);  // the other way round it got better
}

TEST_F(CompareProgram, RefusesOtherOptionsUnlessForced) {
    const std::string before = std::string(HEADWAY_RESULTS_DIR) + "/cpu/two-models.json";
    const std::string after = changed(
        "cpu/two-models.json", "other.json", [](Json& result) { result["config"]["rate"] = 9; });
    const Finished run = compare({before, after});
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find("rate: 7.0, now 9"), std::string::npos) << run.err;
    EXPECT_EQ(compare({before, after, "--force"}).status, 0);
    const std::string other = std::string(HEADWAY_RESULTS_DIR) + "/cpu/overhead.json";
    EXPECT_NE(compare({before, other}).err.find("benchmark: two-models, now overhead"),
              std::string::npos);
}

TEST_F(CompareProgram, SaysWhatIsWrongWithAFile) {
    const std::string good = std::string(HEADWAY_RESULTS_DIR) + "/cpu/two-models.json";
    EXPECT_EQ(compare({good, path("missing.json")}).status, 2);
    std::ofstream(path("old.json")) << R"({"schema": "headway.bench/0"})";
    const Finished old = compare({path("old.json"), good});
    EXPECT_EQ(old.status, 2);
    EXPECT_NE(old.err.find("headway.bench/0"), std::string::npos) << old.err;
    const std::string bare = changed("cpu/two-models.json", "bare.json", [](Json& result) {
        for (auto& [name, value] : result["summary"].items())
            value["ci95"] = nullptr;
    });
    const Finished none = compare({good, bare});
    EXPECT_EQ(none.status, 2);
    EXPECT_NE(none.out.find("no interval: not compared"), std::string::npos) << none.out;
    EXPECT_NE(none.err.find("nothing could be compared"), std::string::npos) << none.err;
    EXPECT_EQ(compare({good}).status, 2);
}

}  // namespace
}  // namespace headway::bench
