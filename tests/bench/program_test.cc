// headway-bench as a user runs it: real models, the CPU, scenarios of a second.
#include "tests/bench/program.h"

#include "report/result.h"

namespace headway::bench {
namespace {

TEST_F(Program, RunsAllScenariosAndWritesEveryField) {
    const Finished run = run_process(short_run({}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("headway"), std::string::npos);
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("schema"), "headway.bench/1");
    EXPECT_EQ(result.at("partial"), false);
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true);
    EXPECT_EQ(result.at("scenarios").size(), 4U);
    EXPECT_EQ(result.at("summary").size(), 7U + 4);
    for (const char* field : {"cpu", "cores", "gpu", "driver", "torch", "kernel"}) {
        EXPECT_TRUE(result.at("host").contains(field)) << field;
    }
    const Json* const alone = find(result, "high-alone");
    const Json* const native = find(result, "native");
    const Json* const headway = find(result, "headway");
    ASSERT_TRUE(alone != nullptr && native != nullptr && headway != nullptr);
    EXPECT_EQ(alone->at("high").at("requests"), 7);
    EXPECT_EQ(alone->at("high").at("arrivals_ms"), headway->at("high").at("arrivals_ms"));
    EXPECT_EQ(native->at("output_sha256"), headway->at("output_sha256"));
    EXPECT_FALSE(native->contains("counters"));
    EXPECT_GT(headway->at("counters").at("low").at("held").get<int>(), 0);
    EXPECT_EQ(headway->at("counters").at("low").at("bypassed").get<int>(), 0);
}

TEST_F(Program, DisabledHeadwayHoldsNothing) {
    const Finished run =
        run_process(short_run({"--scenarios", "headway"}), {{"HEADWAY_DISABLE", "1"}});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(find(read_result(), "headway")->at("counters").at("low").at("held").get<int>(), 0);
}

TEST_F(Program, HalvesTheBatchWhenMemoryIsShort) {
    const Finished run = run_process(
        short_run({"--scenarios", "low-alone", "--low-batch", "64", "--memory-cap-mib", "500"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.err.find("low's batch 64 does not fit"), std::string::npos) << run.err;
    const Json low = read_result().at("scenarios").at(0).at("low");
    EXPECT_LT(low.at("batch").get<int>(), 64);
    EXPECT_EQ(low.at("batch_fallbacks").at(0), 64);
}

TEST_F(Program, SaysWhenMemoryIsShortEvenForOneImage) {
    const Finished run =
        run_process(short_run({"--scenarios", "low-alone", "--memory-cap-mib", "20"}));
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("not enough memory even for batch 1"), std::string::npos) << run.err;
    EXPECT_FALSE(std::filesystem::exists(path("r.json")));
}

TEST_F(Program, RefusesBadArgumentsBeforeItRunsAnything) {
    const Finished run = run_process(short_run({"--html", path("missing/page.html")}));
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find("--html"), std::string::npos);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run_process({HEADWAY_BENCH_PATH, "two-models", "--rate", "-1"}).status, 2);
    EXPECT_EQ(run_process({HEADWAY_BENCH_PATH}).status, 2);
    EXPECT_EQ(run_process({HEADWAY_BENCH_PATH, "child"}).status, 2);
    EXPECT_EQ(run_process({HEADWAY_BENCH_PATH, "--help"}).status, 0);
}

TEST_F(Program, OverheadComparesPairs) {
    const Finished run = run_process({HEADWAY_BENCH_PATH,
                                      "overhead",
                                      "--pairs",
                                      "2",
                                      "--block",
                                      "0.05",
                                      "--low-batch",
                                      "1",
                                      "--json",
                                      path("r.json")});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("scenarios").size(), 8U);
    EXPECT_TRUE(result.at("summary").contains("high_vs_native"));
    EXPECT_TRUE(result.at("summary").contains("low_vs_native"));
    for (const Json& entry : result.at("scenarios")) {
        if (entry.at("name") != "headway") continue;
        const auto lane = entry.at("workload").get<std::string>();
        EXPECT_GT(entry.at("counters").at(lane).at("passed").get<int>(), 0);
    }
}

TEST_F(Program, OperatorsAddUpByClass) {
    const Finished run = run_process({HEADWAY_BENCH_PATH,
                                      "operators",
                                      "--model",
                                      "resnet18",
                                      "--batch",
                                      "1",
                                      "--repeats",
                                      "2",
                                      "--json",
                                      path("r.json")});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("Operators of resnet18, batch 1"), std::string::npos) << run.out;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    double share = 0;
    for (const auto& [name, ratio] : result.at("summary").items()) {
        if (name.find("_share") == std::string::npos) continue;
        if (name.find("_wait_share") == std::string::npos)
            share += ratio.at("median").get<double>();
    }
    EXPECT_NEAR(share, 1, 0.05);  // medians of two passes
    EXPECT_NE(run_process({HEADWAY_BENCH_PATH, "operators", "--model", "vgg"}).status, 0);
}

TEST_F(Program, CtrlCKeepsWhatFinished) {
    Running run(short_run({"--scenarios", "high-alone,low-alone", "--repeats", "50"}));
    ASSERT_TRUE(run.wait_for("[2/100]")) << run.said();
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    EXPECT_NE(run.said().find("interrupted"), std::string::npos) << run.said();
    const Json result = read_result();
    EXPECT_EQ(result.at("partial"), true);
    EXPECT_GE(result.at("scenarios").size(), 2U);
    EXPECT_LT(result.at("scenarios").size(), 100U);
}

TEST_F(Program, CtrlCBeforeAnythingFinishedOverwritesNothing) {
    std::ofstream(path("r.json")) << "precious";
    Running run(short_run({"--duration", "30"}));
    ASSERT_TRUE(run.wait_for_handler());
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    std::string text;
    std::ifstream(path("r.json")) >> text;
    EXPECT_EQ(text, "precious");
}

}  // namespace
}  // namespace headway::bench
