// headway-bench two-queues and opencl-latency as a user runs them, on a real OpenCL platform:
// short.
#include "report/result.h"
#include "tests/bench/program.h"

#include <algorithm>

namespace headway::bench {
namespace {

class Queues : public Program {
 protected:
    void SetUp() override {
        Program::SetUp();
        ::setenv("POCL_CACHE_DIR", path("pocl").c_str(), 1);
        const Finished probe =
            run_process({HEADWAY_BENCH_PATH, "two-queues", "--device", "opencl:999"});
        ASSERT_EQ(probe.status, 2) << probe.err;
        if (probe.err.find("opencl:0 to") == std::string::npos) GTEST_SKIP() << probe.err;
    }

    Finished short_queues(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = {HEADWAY_BENCH_PATH,
                                          "two-queues",
                                          "--repeats",
                                          "1",
                                          "--duration",
                                          "1.5",
                                          "--warm-up",
                                          "0.5",
                                          "--json",
                                          path("r.json")};
        words.insert(words.end(), extra.begin(), extra.end());
        return run_process(words);
    }

    // What holds on any machine, however busy it is.
    void expect_complete(const Json& result) const {
        EXPECT_TRUE(report::load_result(path("r.json")).ok());
        EXPECT_EQ(result.at("benchmark"), "two-queues");
        EXPECT_EQ(result.at("scenarios").size(), 4U);
        EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
        EXPECT_TRUE(result.at("summary").contains("p99_vs_native"));
        EXPECT_TRUE(result.at("summary").contains("low_vs_exclusive_bound"));
        const char* const bar =
            result.at("config").at("placement") == "processes" ? "two processes" : "shared queue";
        EXPECT_TRUE(result.at("verdict").at(bar).at("met").is_boolean());
        EXPECT_EQ(result.at("config").at("pocl_max_pthread_count"), 1);
        const Json* const headway = find(result, "headway");
        ASSERT_NE(headway, nullptr);
        const Json& counters = headway->at("counters");
        EXPECT_GT(counters.at("high").at("gated").get<int>(), 0);
        EXPECT_GT(counters.at("low").at("gated").get<int>(), 0);
        EXPECT_GT(counters.at("low").at("markers").get<int>(), 0);
        EXPECT_EQ(counters.at("high").at("held"), 0);
        EXPECT_FALSE(find(result, "native")->contains("counters"));
        EXPECT_FALSE(find(result, "high-alone")->contains("low"));
    }
};

TEST_F(Queues, TwoProcessesWithAQueueEach) {
    const Finished run = short_queues({});
    ASSERT_EQ(run.status, 0) << run.err;
    const Json result = read_result();
    expect_complete(result);
    EXPECT_EQ(result.at("config").at("placement"), "processes");
    EXPECT_NE(run.out.find("a kernel of 5 ms"), std::string::npos) << run.out;
}

// One in-order queue: without Headway a request stands behind what low has enqueued.
TEST_F(Queues, TwoThreadsWithOneQueue) {
    const Finished run =
        short_queues({"--placement", "shared-queue", "--low-depth", "4", "--rate", "5"});
    ASSERT_EQ(run.status, 0) << run.err;
    const Json result = read_result();
    expect_complete(result);
    const auto p50 = [&](const char* scenario) {
        return find(result, scenario)->at("high").at("p50_ms").get<double>();
    };
    EXPECT_LT(p50("headway"), 0.8 * p50("native")) << result.at("summary");
}

TEST_F(Queues, BadArgumentsAreSaidBeforeAnythingRuns) {
    const auto expect_refusal = [this](const std::vector<std::string>& extra, const char* text) {
        const Finished run = short_queues(extra);
        EXPECT_EQ(run.status, 2) << text;
        EXPECT_NE(run.err.find(text), std::string::npos) << run.err;
    };
    expect_refusal({"--device", "cuda:0"}, "opencl:0, opencl:1");
    expect_refusal({"--scenarios", "native,other"}, "no scenario other");
    expect_refusal({"--high-priority", "1"}, "above --low-priority");
    expect_refusal({"--low-ms", "0.001"}, "at least");
    expect_refusal({"--device-cpus", "4096"}, "--device-cpus 4096");
    EXPECT_FALSE(std::filesystem::exists(path("r.json")));
}

// Under another Headway the sides would not be what they are called.
TEST_F(Queues, ALayerThatIsDisabledIsNoticed) {
    ::setenv("HEADWAY_DISABLE", "1", 1);
    const Finished run = short_queues({"--scenarios", "headway"});
    ::unsetenv("HEADWAY_DISABLE");
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("HEADWAY_DISABLE"), std::string::npos) << run.err;
}

TEST_F(Queues, LatencyOfClpeakInPairs) {
    if (run_process({"clpeak", "--version"}).status == 127) GTEST_SKIP() << "clpeak is not here";
    const Finished run = run_process(
        {HEADWAY_BENCH_PATH, "opencl-latency", "--pairs", "2", "--json", path("r.json")});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("scenarios").size(), 4U);
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    EXPECT_TRUE(result.at("summary").contains("latency_vs_native"));
    const Json& counters = find(result, "headway")->at("counters").at("high");
    EXPECT_GT(counters.at("passed").get<int>(), 100);
    EXPECT_LE(counters.at("gated").get<int>(), 2);
    EXPECT_FALSE(find(result, "native")->contains("counters"));
}

TEST_F(Queues, NoClpeakIsSaid) {
    const Finished run =
        run_process({HEADWAY_BENCH_PATH, "opencl-latency", "--program", "no-such-clpeak"});
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("no-such-clpeak is not installed"), std::string::npos) << run.err;
}

TEST_F(Queues, TheSuiteKnowsOpenCl) {
    const Finished run = run_process({HEADWAY_BENCH_PATH,
                                      "suite",
                                      "--set",
                                      "all",
                                      "--device",
                                      "opencl:0",
                                      "--results",
                                      path("all"),
                                      "--list"});
    EXPECT_EQ(run.status, 0) << run.err;
    for (const char* item : {"two-queues", "two-queues-shared", "opencl-latency"}) {
        EXPECT_NE(run.out.find(item), std::string::npos) << run.out;
    }
}

}  // namespace
}  // namespace headway::bench
