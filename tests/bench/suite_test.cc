// headway-bench threads, two-matmul and suite as a user runs them: real products, the CPU, tiny.
#include "report/result.h"
#include "tests/bench/program.h"

namespace headway::bench {
namespace {

TEST_F(Program, ThreadsRunsEveryScenarioAndWritesEveryField) {
    const Finished run = run_process({HEADWAY_BENCH_PATH,
                                      "threads",
                                      "--repeats",
                                      "1",
                                      "--side",
                                      "48",
                                      "--tasks",
                                      "3",
                                      "--think-ms",
                                      "2",
                                      "--json",
                                      path("r.json")});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("scenarios").size(), 10U);
    EXPECT_EQ(result.at("summary").size(), 18U);
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    const Json* const mixed = find(result, "mixed-3-13");
    ASSERT_NE(mixed, nullptr);
    EXPECT_EQ(mixed->at("high").at("requests"), 9);
    EXPECT_EQ(mixed->at("low").at("requests"), 39);
    EXPECT_GT(mixed->at("counters").at("low").at("gated").get<int>(), 0);
    EXPECT_EQ(mixed->at("counters").at("low").at("bypassed").get<int>(), 0);
    EXPECT_TRUE(mixed->at("machine").contains("load_average"));
    EXPECT_FALSE(find(result, "unscheduled-3-13")->contains("counters"));
    EXPECT_FALSE(find(result, "alone")->contains("low"));
    EXPECT_NE(run.out.find("Total time"), std::string::npos) << run.out;
}

TEST_F(Program, TwoMatmulIsTwoModelsWithProducts) {
    const Finished run = run_process({HEADWAY_BENCH_PATH,
                                      "two-matmul",
                                      "--matmul-side",
                                      "64",
                                      "--duration",
                                      "1",
                                      "--warm-up",
                                      "0.2",
                                      "--repeats",
                                      "1",
                                      "--json",
                                      path("r.json")});
    ASSERT_EQ(run.status, 0) << run.err;
    const Json result = read_result();
    EXPECT_EQ(result.at("benchmark"), "two-matmul");
    EXPECT_EQ(result.at("config").at("low_model"), "16 products 128x128");
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    EXPECT_GT(find(result, "headway")->at("counters").at("low").at("gated").get<int>(), 0);
    const Finished bad = run_process({HEADWAY_BENCH_PATH, "two-matmul", "--low-batch", "8"});
    EXPECT_EQ(bad.status, 2);
    EXPECT_NE(bad.err.find("--low-batch"), std::string::npos) << bad.err;
}

TEST_F(Program, SuiteOfAlternativesHasOneOnACpu) {
    const auto listed = [&](const char* set, const char* device) {
        return run_process({HEADWAY_BENCH_PATH,
                            "suite",
                            "--set",
                            set,
                            "--device",
                            device,
                            "--results",
                            path("out"),
                            "--list"});
    };
    const Finished run = listed("alternatives", "cpu");
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("alternatives-processes"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("chrt --idle 0"), std::string::npos) << run.out;
    EXPECT_EQ(run.out.find("mps"), std::string::npos) << run.out;
    EXPECT_NE(listed("all", "cpu").out.find("alternatives-processes"), std::string::npos);
    const Finished none = listed("alternatives", "opencl:0");
    EXPECT_EQ(none.status, 2);
    EXPECT_NE(none.err.find("--set alternatives"), std::string::npos) << none.err;
}

TEST_F(Program, SuiteStopsOnCtrlCAndGoesOn) {
    const std::vector<std::string> words = {
        HEADWAY_BENCH_PATH, "suite", "--set", "overhead", "--quick", "--results", path("out")};
    Running run(words);
    ASSERT_TRUE(run.wait_for_handler());
    ::usleep(1'000'000);
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    EXPECT_NE(run.said().find("interrupted"), std::string::npos) << run.said();
    EXPECT_NE(run.said().find("goes on from there"), std::string::npos) << run.said();
    EXPECT_FALSE(std::filesystem::exists(path("out/overhead.json")));  // nothing had finished
}

TEST_F(Program, SuiteTakesWhatIsThereAndReplacesNothingElse) {
    std::vector<std::string> words = {
        HEADWAY_BENCH_PATH, "suite", "--set", "overhead", "--quick", "--results", path("out")};
    const Finished first = run_process(words);
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_TRUE(std::filesystem::exists(path("out/report.md")));
    EXPECT_NE(first.out.find("overhead"), std::string::npos) << first.out;
    const auto written = std::filesystem::last_write_time(path("out/overhead.json"));
    const Finished second = run_process(words);
    EXPECT_EQ(second.status, 0) << second.err;
    EXPECT_NE(second.err.find("is there already"), std::string::npos) << second.err;
    EXPECT_EQ(std::filesystem::last_write_time(path("out/overhead.json")), written);
    words.erase(words.begin() + 4);  // not --quick: another configuration
    const Finished full = run_process(words);
    EXPECT_EQ(full.status, 2);
    EXPECT_NE(full.err.find("pairs is 20 there, 60 here"), std::string::npos) << full.err;
    EXPECT_EQ(std::filesystem::last_write_time(path("out/overhead.json")), written);
    EXPECT_EQ(run_process({HEADWAY_BENCH_PATH, "suite"}).status, 2);
}

}  // namespace
}  // namespace headway::bench
