// A high lane in front of a deep low queue, on a device that runs one kernel at a time: what runs
// between a request's submission and its last kernel is counted in the device's own log, so that
// the time that the machine takes does not matter.
#include "tests/e2e/background.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

namespace headway::e2e {
namespace {

// What a low lane may have on the device (the default threshold), and what may slip in while the
// high thread is on its way from its own log line to the gate.
constexpr int kWindow = 4;
constexpr int kSlack = 2;

// A low process that was alone has no window: what it had launched by the time that the high one
// came runs first. gpu_load keeps at most 100 kernels, and each request of 20 lets 20 of them by.
constexpr std::size_t kRequestsUntilDrained = 6;

// For each request that ended, least first: how many low kernels started between its submission and
// its end.
std::vector<int> low_kernels_ahead(const std::vector<std::string>& runs,
                                   std::size_t requests_to_skip = 0) {
    std::vector<int> counts;
    bool inside = false;
    int count = 0;
    for (const std::string& line : runs) {
        if (line == "submit") {
            inside = true;
            count = 0;
        } else if (line == "done") {
            counts.push_back(count);
            inside = false;
        } else if (inside && line == "start low_1000us") {
            ++count;
        }
    }
    if (counts.size() < requests_to_skip) return {};
    counts.erase(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(requests_to_skip));
    std::sort(counts.begin(), counts.end());
    return counts;
}

std::string text_of(const std::vector<int>& counts) {
    return std::accumulate(
        counts.begin(), counts.end(), std::string(), [](const std::string& text, int count) {
            return text + " " + std::to_string(count);
        });
}

class WindowEndToEnd : public ::testing::Test {
 protected:
    [[nodiscard]] Environment environment(bool with_headway) const {
        Environment all{{"STANDIN_RUNS", folder_ / "runs"},
                        {"STANDIN_DEVICE", folder_ / "device"},
                        {"HEADWAY_STATS", "1"},
                        {"HEADWAY_BOARD_DIR", folder_ / "boards"}};
        if (with_headway) all.emplace("LD_PRELOAD", HEADWAY_SHIM);
        return all;
    }

    std::vector<int> run_threads(bool with_headway,
                                 const std::string& streams,
                                 const std::string& low_count = "1") {
        Background program(
            {HEADWAY_GPU_LOAD, "both", with_headway ? "lanes" : "plain", streams, low_count},
            environment(with_headway));
        EXPECT_EQ(program.wait(), 0) << e2e::text_of(program.output());
        std::vector<int> counts = low_kernels_ahead(read_lines(folder_ / "runs"));
        std::printf("low kernels ahead of a request:%s\n", text_of(counts).c_str());
        return counts;
    }

    std::vector<int> run_processes(bool with_headway, const std::string& how = "waiting") {
        Environment low_environment = environment(with_headway);
        low_environment.emplace("HEADWAY_PRIORITY", "1");
        Environment high_environment = environment(with_headway);
        high_environment.emplace("HEADWAY_PRIORITY", "10");
        Background low({HEADWAY_GPU_LOAD, "low"}, low_environment);
        EXPECT_TRUE(low.says_more());
        Background high({HEADWAY_GPU_LOAD, "high", "25", how}, high_environment);
        EXPECT_EQ(high.wait(), 0) << e2e::text_of(high.output());
        EXPECT_TRUE(low.says_more());  // it was there to the last request
        EXPECT_EQ(low.stop(), 0) << e2e::text_of(low.output());
        stats_ = low.errors();
        std::vector<int> counts =
            low_kernels_ahead(read_lines(folder_ / "runs"), kRequestsUntilDrained);
        std::printf("low kernels ahead of a request:%s\n", text_of(counts).c_str());
        return counts;
    }

    // All but the one or two requests that the machine itself disturbed.
    static void expect_window(const std::vector<int>& counts) {
        ASSERT_GE(counts.size(), 10U);
        EXPECT_LE(counts[counts.size() / 2], kWindow) << text_of(counts);
        EXPECT_LE(counts[counts.size() * 8 / 10], kWindow + kSlack) << text_of(counts);
    }

    Folder folder_;
    std::vector<std::string> stats_;
};

TEST_F(WindowEndToEnd, ThreadsOnTheDefaultStreamQueueUpWithoutHeadway) {
    const std::vector<int> counts = run_threads(false, "shared");
    ASSERT_FALSE(counts.empty());
    EXPECT_GT(counts.back(), 300);  // the queue that the low thread had built up by then
}

TEST_F(WindowEndToEnd, ThreadsOnTheDefaultStreamWaitForAWindowOnly) {
    expect_window(run_threads(true, "shared"));
}

TEST_F(WindowEndToEnd, ThreadsOnStreamsOfTheirOwnTakeTurnsWithoutHeadway) {
    const std::vector<int> counts = run_threads(false, "own");
    ASSERT_FALSE(counts.empty());
    EXPECT_GT(counts[counts.size() / 2], kWindow + kSlack) << text_of(counts);
}

TEST_F(WindowEndToEnd, ThreadsOnStreamsOfTheirOwnWaitForAWindowOnly) {
    expect_window(run_threads(true, "own"));
}

// Each with a lane of its own.
TEST_F(WindowEndToEnd, TwelveThreadsLeaveNoMoreUnfinishedThanOne) {
    expect_window(run_threads(true, "shared", "12"));
    std::filesystem::remove(std::string(folder_ / "runs"));
    expect_window(run_threads(true, "own", "12"));
}

TEST_F(WindowEndToEnd, ProcessesTakeTurnsWithoutHeadway) {
    const std::vector<int> counts = run_processes(false);
    ASSERT_FALSE(counts.empty());
    EXPECT_GT(counts[counts.size() / 2], kWindow + kSlack) << text_of(counts);
}

// Requests of 20 ms, several times as long as a launch keeps its lane busy by itself.
TEST_F(WindowEndToEnd, ProcessesThatAskForTheirWorkWaitForAWindowOnly) {
    expect_window(run_processes(true, "asking"));
}

TEST_F(WindowEndToEnd, ProcessesThatAreCalledBackWaitForAWindowOnly) {
    expect_window(run_processes(true, "called"));
}

TEST_F(WindowEndToEnd, ProcessesWaitForAWindowOnly) {
    expect_window(run_processes(true));
    EXPECT_EQ(count_lines(stats_, "held 0 "), 0) << e2e::text_of(stats_);
    EXPECT_EQ(count_lines(stats_, "timeouts 0"), 1) << e2e::text_of(stats_);
}

}  // namespace
}  // namespace headway::e2e
