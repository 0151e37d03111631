// headway-bench as a user runs it: real models, the CPU, scenarios of a second.
#include "report/result.h"
#include "tests/cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {
namespace {

using Json = nlohmann::json;
using test::Finished;
using test::run_process;

class Program : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "headway-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return (folder_ / name).string(); }

    // two-models with short scenarios, `extra` arguments on top, and the result file of
    // path("r.json").
    std::vector<std::string> short_run(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = {HEADWAY_BENCH_PATH,
                                          "two-models",
                                          "--duration",
                                          "1",
                                          "--warm-up",
                                          "0.2",
                                          "--repeats",
                                          "1",
                                          "--low-batch",
                                          "1",
                                          "--json",
                                          path("r.json")};
        words.insert(words.end(), extra.begin(), extra.end());
        return words;
    }

    Json read_result() const {
        std::ifstream file(path("r.json"));
        return Json::parse(file);
    }

    std::filesystem::path folder_;
};

const Json* find(const Json& result, const std::string& name) {
    for (const Json& entry : result.at("scenarios")) {
        if (entry.at("name") == name) return &entry;
    }
    return nullptr;
}

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
    EXPECT_EQ(result.at("summary").size(), 7U);
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

// A run that is still going; its standard error is read from here.
class Running {
 public:
    explicit Running(const std::vector<std::string>& words) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
        std::vector<std::string> copies = words;
        std::vector<char*> argv;
        for (std::string& word : copies)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ends[1], STDERR_FILENO);
            ::dup2(ends[1], STDOUT_FILENO);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
    }

    ~Running() {
        if (pid_ > 0) ::kill(pid_, SIGKILL);
        ::close(output_);
    }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Reads until `text` has been said; false if the output ended or a minute passed without any.
    bool wait_for(const std::string& text) {
        while (said_.find(text) == std::string::npos) {
            if (!read_more()) return false;
        }
        return true;
    }

    // Waits until the program has its own handler for Ctrl-C: before that a signal just ends it.
    // False after half a minute.
    bool wait_for_handler() const {
        for (int attempt = 0; attempt < 300; ++attempt) {
            std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
            for (std::string line; std::getline(status, line);) {
                if (line.rfind("SigCgt:", 0) != 0) continue;
                const std::uint64_t caught = std::stoull(line.substr(7), nullptr, 16);
                if ((caught >> (SIGINT - 1) & 1) != 0) return true;
            }
            ::usleep(100'000);
        }
        return false;
    }

    int interrupt_and_wait() {
        ::kill(pid_, SIGINT);
        while (read_more()) {
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    const std::string& said() const { return said_; }

 private:
    bool read_more() {
        pollfd wanted{output_, POLLIN, 0};
        if (::poll(&wanted, 1, 60'000) <= 0) return false;
        std::array<char, 4096> chunk{};
        const ssize_t bytes = ::read(output_, chunk.data(), chunk.size());
        if (bytes > 0) said_.append(chunk.data(), static_cast<std::size_t>(bytes));
        return bytes > 0;
    }

    pid_t pid_ = -1;
    int output_ = -1;
    std::string said_;
};

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
