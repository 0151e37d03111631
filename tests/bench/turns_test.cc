// `headway-bench overhead` and `preempt` as a user runs them: real processes that take turns, real
// models on the CPU, and the driver API with a stand-in behind it.
#include "report/result.h"
#include "tests/bench/program.h"

namespace headway::bench {
namespace {

std::vector<std::string> short_overhead(const std::vector<std::string>& extra,
                                        const std::string& json) {
    std::vector<std::string> words = {HEADWAY_BENCH_PATH,
                                      "overhead",
                                      "--pairing",
                                      "processes",
                                      "--pairs",
                                      "3",
                                      "--rounds",
                                      "2",
                                      "--block",
                                      "0.1",
                                      "--json",
                                      json};
    words.insert(words.end(), extra.begin(), extra.end());
    return words;
}

long counter(const Json& entry, const char* name) {
    return entry.at("counters").begin()->at(name).get<long>();
}

TEST_F(Program, OverheadTakesTurnsBetweenTwoProcesses) {
    const Finished run = run_process(short_overhead({"--cases", "low-b1,high"}, path("r.json")));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    ASSERT_EQ(result.at("scenarios").size(), 12U);
    EXPECT_EQ(result.at("config").at("pairing"), "processes");
    EXPECT_TRUE(result.at("summary").contains("low_b1_vs_native"));
    EXPECT_TRUE(result.at("summary").contains("high_vs_native"));
    EXPECT_TRUE(result.at("verdict").at("alone is free").at("met").is_boolean());
    for (const Json& entry : result.at("scenarios")) {
        EXPECT_GT(entry.at("p50_pass_ms").get<double>(), 0);
        EXPECT_EQ(
            entry.at("output_sha256"),
            result.at("scenarios")[entry.at("workload") == "high" ? 6 : 0].at("output_sha256"));
        EXPECT_EQ(entry.contains("counters"), entry.at("name") == "headway");
        if (entry.at("name") != "headway") continue;
        // Its lane was alone on the board, in the second round as well.
        EXPECT_GT(counter(entry, "passed"), 10 * counter(entry, "gated"));
    }
}

TEST_F(Program, ArmedOverheadHasAHigherLaneOnTheBoard) {
    const Finished run =
        run_process(short_overhead({"--cases", "low-b1", "--armed"}, path("r.json")));
    ASSERT_EQ(run.status, 0) << run.err;
    const Json result = read_result();
    EXPECT_TRUE(result.at("verdict").at("an idle rival is nearly free").at("met").is_boolean());
    EXPECT_EQ(result.at("config").at("armed"), true);
    int scheduled = 0;
    for (const Json& entry : result.at("scenarios")) {
        if (entry.at("name") != "headway") continue;
        ++scheduled;
        EXPECT_GT(counter(entry, "gated"), 10 * counter(entry, "passed"));
        EXPECT_EQ(counter(entry, "held"), 0);
    }
    EXPECT_EQ(scheduled, 3);
}

TEST_F(Program, CtrlCKeepsTheFinishedPairs) {
    // The first case is finished when the second begins.
    Running run(short_overhead({"--cases", "low-b1,high", "--pairs", "20", "--rounds", "1"},
                               path("r.json")));
    ASSERT_TRUE(run.wait_for("[1/2] low-b1: measured")) << run.said();
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    EXPECT_NE(run.said().find("interrupted"), std::string::npos) << run.said();
    const Json result = read_result();
    EXPECT_EQ(result.at("partial"), true);
    EXPECT_GE(result.at("scenarios").size(), 40U);
    EXPECT_LT(result.at("scenarios").size(), 80U);
    EXPECT_EQ(result.at("scenarios").size() % 2, 0U);
}

#ifdef HEADWAY_STANDIN_DIR

std::vector<std::string> short_preempt(const std::vector<std::string>& extra,
                                       const std::string& json) {
    std::vector<std::string> words = {HEADWAY_BENCH_PATH,
                                      "preempt",
                                      "--repeats",
                                      "1",
                                      "--duration",
                                      "0.5",
                                      "--warm-up",
                                      "0.1",
                                      "--kernel-ms",
                                      "2",
                                      "--json",
                                      json};
    words.insert(words.end(), extra.begin(), extra.end());
    return words;
}

// The stand-in has a device per process: kernels take their time, but nobody waits for another's.
TEST_F(Program, PreemptMeasuresEveryScenario) {
    const Finished run =
        run_process(short_preempt({}, path("r.json")), {{"LD_LIBRARY_PATH", HEADWAY_STANDIN_DIR}});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    EXPECT_NE(run.out.find("P99 of an empty kernel beside kernels of 2 ms"), std::string::npos)
        << run.out;
    const Json result = read_result();
    ASSERT_EQ(result.at("scenarios").size(), 4U);
    EXPECT_EQ(result.at("host").at("gpu"), "Stand-in GPU");
    for (const Json& entry : result.at("scenarios")) {
        const auto requests = entry.at("high").at("requests").get<int>();
        EXPECT_GT(requests, 35);
        EXPECT_LE(requests, 72);
        EXPECT_EQ(entry.at("high").at("latencies_ms").size(), static_cast<std::size_t>(requests));
        EXPECT_LE(entry.at("latency_us").at("p1"), entry.at("latency_us").at("p99"));
        EXPECT_EQ(entry.contains("low"), entry.at("name") != "alone");
    }
    for (const char* name : {"time-slicing", "headway", "gate-only"}) {
        // A kernel of 2 ms ends at most 500 times a second, and the next is always there.
        const double per_s = find(result, name)->at("low").at("iterations_per_s").get<double>();
        EXPECT_GT(per_s, 200) << name;
        EXPECT_LT(per_s, 510) << name;
    }
    EXPECT_FALSE(find(result, "time-slicing")->contains("counters"));
    const Json counters = find(result, "headway")->at("counters");
    EXPECT_GT(counters.at("low").at("gated").get<int>(), 100);
    EXPECT_GT(counters.at("high").at("gated").get<int>(), 35);
    EXPECT_TRUE(result.at("verdict").at("preemption").at("met").is_boolean());
}

TEST_F(Program, PreemptRefusesToCompareHeadwayWithItself) {
    const Finished run =
        run_process(short_preempt({"--scenarios", "alone"}, path("r.json")),
                    {{"LD_LIBRARY_PATH", HEADWAY_STANDIN_DIR}, {"LD_PRELOAD", HEADWAY_SHIM}});
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("without `headway run`"), std::string::npos) << run.err;
    EXPECT_FALSE(std::filesystem::exists(path("r.json")));
}

TEST_F(Program, PreemptNamesWhatTheDriverRefused) {
    const Finished run = run_process(
        short_preempt({"--scenarios", "alone"}, path("r.json")),
        {{"LD_LIBRARY_PATH", HEADWAY_STANDIN_DIR}, {"STANDIN_FAIL", "cuModuleLoadData=218"}});
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("compile the kernels"), std::string::npos) << run.err;
}

#endif  // HEADWAY_STANDIN_DIR

TEST_F(Program, PreemptWithoutAGpuSaysSo) {
    const Finished run = run_process({HEADWAY_BENCH_PATH, "preempt", "--device", "cuda:77"});
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find("--device cuda:77"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace headway::bench
