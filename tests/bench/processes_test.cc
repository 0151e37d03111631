// headway-bench two-models --placement processes as a user runs it: real models on the CPU, one
// process each.
#include "report/result.h"
#include "tests/bench/program.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace headway::bench {
namespace {

// The processes whose parent is `parent` and that have not ended.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream file(entry.path() / "stat");
        std::string text;
        std::getline(file, text);
        // "pid (name) state parent ...": the name may hold anything.
        const std::size_t after_name = text.rfind(')');
        if (after_name == std::string::npos || text.size() < after_name + 4) continue;
        if (text[after_name + 2] == 'Z' || text[after_name + 2] == 'X') continue;
        if (std::stol(text.substr(after_name + 4)) == parent) children.push_back(std::stoi(name));
    }
    return children;
}

// Whether the process is there and has not ended.
bool is_running(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t after_name = text.rfind(')');
    return after_name != std::string::npos && text[after_name + 2] != 'Z' &&
           text[after_name + 2] != 'X';
}

// Waits, for at most 20 s, until `condition` holds.
template <typename Condition>
bool soon(Condition&& condition) {
    for (int attempt = 0; attempt < 400; ++attempt) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

class Processes : public Program {
 protected:
    std::vector<std::string> short_processes(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = short_run({"--placement", "processes"});
        words.insert(words.end(), extra.begin(), extra.end());
        return words;
    }
};

TEST_F(Processes, RunsEachModelInItsOwnAndWritesEveryField) {
    const Finished run = run_process(short_processes({}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("config").at("placement"), "processes");
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    EXPECT_EQ(result.at("scenarios").size(), 4U);
    EXPECT_EQ(result.at("summary").size(), 7U + 4);
    const Json* const alone = find(result, "high-alone");
    const Json* const slicing = find(result, "time-slicing");
    const Json* const headway = find(result, "headway");
    ASSERT_TRUE(alone != nullptr && slicing != nullptr && headway != nullptr);
    EXPECT_EQ(alone->at("high").at("requests"), 7);
    EXPECT_EQ(alone->at("high").at("arrivals_ms"), headway->at("high").at("arrivals_ms"));
    EXPECT_EQ(slicing->at("output_sha256").size(), 2U);
    EXPECT_EQ(slicing->at("output_sha256"), headway->at("output_sha256"));
    EXPECT_FALSE(slicing->contains("counters"));
    EXPECT_GT(headway->at("counters").at("high").at("gated").get<int>(), 0);
    EXPECT_GT(headway->at("counters").at("low").at("held").get<int>(), 0);
    EXPECT_EQ(headway->at("counters").at("low").at("bypassed").get<int>(), 0);
    EXPECT_GT(headway->at("memory_mib").at("used").get<double>(),
              alone->at("memory_mib").at("used").get<double>());
    EXPECT_NE(run.out.find("P99 with Headway / time-slicing"), std::string::npos) << run.out;
}

TEST_F(Processes, HalveTheBatchOfLowWhenMemoryIsShort) {
    const Finished run = run_process(short_processes(
        {"--scenarios", "time-slicing", "--low-batch", "64", "--memory-cap-mib", "500"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.err.find("low's batch 64 does not fit in memory (low: "), std::string::npos)
        << run.err;
    EXPECT_LT(read_result().at("scenarios").at(0).at("low").at("batch").get<int>(), 64);
}

TEST_F(Processes, AddUpSeveralLowModels) {
    const Finished run =
        run_process(short_processes({"--scenarios", "headway", "--low-count", "2"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json entry = read_result().at("scenarios").at(0);
    const Json& low = entry.at("low");
    ASSERT_EQ(low.at("each").size(), 2U);
    double images_per_s = 0;
    std::uint64_t held = 0;
    for (const Json& one : low.at("each")) {
        EXPECT_GE(one.at("iterations").get<int>(), 1);
        images_per_s += one.at("images_per_s").get<double>();
        held += one.at("counters").at("held").get<std::uint64_t>();
    }
    EXPECT_DOUBLE_EQ(low.at("images_per_s").get<double>(), images_per_s);
    EXPECT_EQ(entry.at("counters").at("low").at("held").get<std::uint64_t>(), held);
    EXPECT_EQ(low.at("batch"), 1);
    EXPECT_EQ(entry.at("output_sha256").at("resnet50 b1").get<std::string>().size(), 64U);
}

TEST_F(Processes, TrainsWithTheSameLossesBesideOthers) {
    const Finished run = run_process(
        short_processes({"--scenarios", "low-alone,headway", "--low-task", "training"}));
    ASSERT_EQ(run.status, 0) << run.err;
    const Json result = read_result();
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    const Json alone = find(result, "low-alone")->at("low").at("losses");
    const Json headway = find(result, "headway")->at("low").at("losses");
    const std::size_t steps = std::min(alone.size(), headway.size());
    ASSERT_GE(steps, 2U);
    for (std::size_t i = 0; i < steps; ++i)
        EXPECT_DOUBLE_EQ(alone[i].get<double>(), headway[i].get<double>()) << i;
    EXPECT_NE(alone[0], alone[1]);  // it does learn
    EXPECT_FALSE(find(result, "headway")->at("output_sha256").contains("resnet50 b1"));
}

TEST_F(Processes, AKilledOneIsReportedAndWhatFinishedIsKept) {
    Running run(short_processes({"--scenarios", "headway", "--repeats", "20"}));
    ASSERT_TRUE(run.wait_for("[1/20]")) << run.said();
    std::vector<pid_t> children;
    ASSERT_TRUE(soon([&] {
        children = children_of(run.pid());
        return children.size() == 2;
    }));
    ::kill(children[1], SIGKILL);
    EXPECT_EQ(run.wait(), 1);
    EXPECT_NE(run.said().find("killed"), std::string::npos) << run.said();
    EXPECT_FALSE(is_running(children[0]));
    EXPECT_EQ(read_result().at("partial"), true);
    EXPECT_GE(read_result().at("scenarios").size(), 1U);
}

TEST_F(Processes, CtrlCLeavesNone) {
    Running run(short_processes({"--scenarios", "headway", "--duration", "30"}));
    ASSERT_TRUE(run.wait_for_handler());
    std::vector<pid_t> children;
    ASSERT_TRUE(soon([&] {
        children = children_of(run.pid());
        return children.size() == 2;
    }));
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    EXPECT_NE(run.said().find("interrupted"), std::string::npos) << run.said();
    EXPECT_TRUE(std::none_of(children.begin(), children.end(), is_running));
}

TEST_F(Processes, AKilledParentLeavesNone) {
    Running run(short_processes({"--scenarios", "headway", "--duration", "30"}));
    std::vector<pid_t> children;
    ASSERT_TRUE(soon([&] {
        children = children_of(run.pid());
        return children.size() == 2;
    }));
    ::kill(run.pid(), SIGKILL);
    EXPECT_EQ(run.wait(), -1);
    EXPECT_TRUE(soon([&] { return std::none_of(children.begin(), children.end(), is_running); }));
}

}  // namespace
}  // namespace headway::bench
