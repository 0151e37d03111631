// headway-bench mix as a user runs it: Python programs with PyTorch on the CPU.
#include "report/result.h"
#include "tests/bench/program.h"

namespace headway::bench {
namespace {

class Mixes : public Program {
 protected:
    std::vector<std::string> mix(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = {HEADWAY_BENCH_PATH, "mix"};
        words.insert(words.end(), extra.begin(), extra.end());
        return words;
    }

    std::vector<std::string> short_mix(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = mix(
            {"--duration", "2", "--warm-up", "0.3", "--repeats", "1", "--json", path("r.json")});
        words.insert(words.end(), extra.begin(), extra.end());
        return words;
    }

    // Whether the Python that mix would take has PyTorch.
    static bool has_torch() {
        for (const char* python : {"python3", "/usr/bin/python3"}) {
            const Finished run = run_process({"/usr/bin/env", python, "-c", "import torch"});
            if (run.status == 0) return true;
        }
        return false;
    }

    std::string write(const char* name, const std::string& text) const {
        std::ofstream(path(name)) << text;
        return path(name);
    }
};

// A workload of the smallest kind, with a program of its own as low.
constexpr const char* kTiny = R"(about = "tiny"
[[member]]
name = "bert"
about = "a tiny encoder"
role = "high"
priority = 10
program = "bert_encoder.py"
[member.gpu]
rate = 20
arrivals = "uniform"
[member.cpu]
rate = 20
arrivals = "uniform"
parameters = { layers = 1, width = 32, heads = 2, vocabulary = 100, length = 8 }
[[member]]
name = "mine"
about = "my own"
role = "low"
priority = 1
program = "mine.py"
[member.gpu]
[member.cpu]
)";

TEST_F(Mixes, DecodeBesideBatchesAndWriteEveryField) {
    if (!has_torch()) GTEST_SKIP() << "no python3 with PyTorch here (Debian: python3-torch)";
    const Finished run = run_process(short_mix({"--workload", "gpt2-batch"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("benchmark"), "mix");
    EXPECT_EQ(result.at("config").at("workload"), "gpt2-batch");
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    EXPECT_EQ(result.at("scenarios").size(), 4U);
    EXPECT_EQ(result.at("summary").size(), 11U) << result.at("summary");
    const Json* const alone = find(result, "gpt2-alone");
    const Json* const low_alone = find(result, "low-alone");
    const Json* const slicing = find(result, "time-slicing");
    const Json* const headway = find(result, "headway");
    ASSERT_TRUE(alone != nullptr && low_alone != nullptr && slicing != nullptr &&
                headway != nullptr);
    EXPECT_FALSE(alone->contains("low"));
    EXPECT_FALSE(low_alone->contains("high"));
    EXPECT_EQ(alone->at("high").at("requests"), 20);
    EXPECT_EQ(alone->at("high").at("arrivals_ms"), headway->at("high").at("arrivals_ms"));
    EXPECT_EQ(alone->at("high").at("first_tokens_ms").size(), 20U);
    EXPECT_GT(headway->at("high").at("between_tokens_ms").at("p50").get<double>(), 0);
    EXPECT_LT(alone->at("high").at("first_token_ms").at("p50").get<double>(),
              alone->at("high").at("p50_ms").get<double>());
    EXPECT_GE(headway->at("low").at("iterations").get<int>(), 1);
    EXPECT_EQ(slicing->at("output_sha256").size(), 2U);
    EXPECT_EQ(slicing->at("output_sha256"), headway->at("output_sha256"));
    EXPECT_FALSE(slicing->contains("counters"));
    EXPECT_GT(headway->at("counters").at("high").at("gated").get<int>(), 0);
    EXPECT_GT(headway->at("counters").at("low").at("held").get<int>(), 0);
    EXPECT_NE(run.out.find("between_tokens_p99_vs_alone"), std::string::npos) << run.out;
}

TEST_F(Mixes, AFailingProgramIsReportedAndWhatFinishedIsKept) {
    if (!has_torch()) GTEST_SKIP() << "no python3 with PyTorch here (Debian: python3-torch)";
    write("mine.py", "import member\nmember.run(lambda me: me.work(lambda: 1 / 0))\n");
    const Finished run = run_process(short_mix({"--workload", write("tiny.toml", kTiny)}));
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("mine: ZeroDivisionError: division by zero"), std::string::npos)
        << run.err;
    if (!std::filesystem::exists(path("r.json"))) return;  // its own scenario was the first
    EXPECT_EQ(read_result().at("partial"), true);
}

TEST_F(Mixes, CtrlCKeepsWhatHasFinished) {
    if (!has_torch()) GTEST_SKIP() << "no python3 with PyTorch here (Debian: python3-torch)";
    Running run(short_mix({"--workload",
                           "launch-bound",
                           "--scenarios",
                           "low-alone,resnet18-alone",
                           "--duration",
                           "1",
                           "--repeats",
                           "100"}));
    ASSERT_TRUE(run.wait_for("[2/200]")) << run.said();
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    EXPECT_NE(run.said().find("interrupted; "), std::string::npos) << run.said();
    EXPECT_EQ(read_result().at("partial"), true);
    EXPECT_GE(read_result().at("scenarios").size(), 1U);
}

TEST_F(Mixes, BadArgumentsRunNothing) {
    const auto expect = [this](const std::vector<std::string>& words, const char* part) {
        const Finished run = run_process(mix(words));
        EXPECT_EQ(run.status, 2) << part;
        EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
        EXPECT_EQ(run.err.find('\n'), run.err.size() - 1) << run.err;
    };
    expect({}, "--workload: which? there are: bert-batch, ");
    expect({"--workload", "nothing"}, "there is no workload nothing; there are: bert-batch, ");
    expect({"--workload", path("none.toml")}, "none.toml: No such file");
    expect({"--workload", write("bad.toml", "about = 3\n")}, "bad.toml:1:9: about: ");
    expect({"--workload", "gpt2-batch", "--scenarios", "native"}, "gpt2-alone, low-alone, ");
    expect({"--workload", "gpt2-batch", "--duration", "0.01"}, "--duration 0.01: gpt2 gets less");
    expect({"--workload", "gpt2-batch", "--device", "gpu"}, "--device");
    expect({"--workload", "gpt2-batch", "--python", path("nothing")}, "--python: ");
    // A Python without PyTorch: isolated from every folder that could have it.
    write("bare", "#!/bin/sh\nexec /usr/bin/python3 -I -S \"$@\"\n");
    std::filesystem::permissions(path("bare"), std::filesystem::perms::owner_all);
    expect({"--workload", "gpt2-batch", "--python", path("bare")},
           "it can't import torch: No module named 'torch'");
}

TEST_F(Mixes, AreListed) {
    const Finished run = run_process(mix({"--list"}));
    EXPECT_EQ(run.status, 0) << run.err;
    for (const char* name : {"gpt2-training", "two-highs", "bursty-onoff", "long-kernel"})
        EXPECT_NE(run.out.find(name), std::string::npos) << run.out;
    const Finished suite = run_process({HEADWAY_BENCH_PATH,
                                        "suite",
                                        "--set",
                                        "mixes",
                                        "--quick",
                                        "--results",
                                        path("out"),
                                        "--list"});
    EXPECT_EQ(suite.status, 0) << suite.err;
    EXPECT_NE(suite.out.find("mix --workload bert-batch --device cpu"), std::string::npos)
        << suite.out;
    EXPECT_EQ(suite.out.find("two-models"), std::string::npos) << suite.out;
}

}  // namespace
}  // namespace headway::bench
