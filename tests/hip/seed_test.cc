// The scenario that failed for the first user ("context is destroyed"): forks, threads with streams
// that the main thread made, and no hipInit anywhere.
#include "tests/shim/run.h"

#include <gtest/gtest.h>

namespace headway::shim_test {
namespace {

RunResult seed(Shim shim, std::vector<std::string> steps, const Environment& more = {}) {
    steps.insert(steps.begin(), HEADWAY_SEED_PROGRAM);
    return run(shim, steps, more);
}

TEST(Seed, BehavesAsWithoutTheShim) {
    const std::vector<std::vector<std::string>> programs{{"use"},
                                                         {"threads"},
                                                         {"children"},
                                                         {"count", "children"},
                                                         {"children", "use", "threads"},
                                                         {"use", "reset", "use"},
                                                         {"memset", "use"}};
    for (const std::vector<std::string>& steps : programs) {
        const RunResult native = seed(Shim::kNone, steps);
        ASSERT_EQ(native.exit_status, 0) << text_of(native.errors);
        for (const Shim shim : {Shim::kInstalled, Shim::kIdle, Shim::kTrace}) {
            const RunResult result = seed(shim, steps);
            EXPECT_EQ(result.exit_status, 0);
            EXPECT_EQ(text_of(result.errors), "");
            EXPECT_EQ(text_of(result.output), text_of(native.output)) << text_of(steps);
        }
    }
}

TEST(Seed, TheFirstLaunchStartsTheScheduler) {
    const RunResult result = seed(Shim::kTrace, {"count", "use"});
    EXPECT_EQ(count_lines(result.trace, "init"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "before hipLaunchKernel stream 0 "), 100);
    EXPECT_EQ(count_lines(result.trace, "grid 64 1 1 block 256 1 1 shared 0 "), 100);
}

TEST(Seed, AskingForDevicesStartsNothing) {
    const RunResult result = seed(Shim::kTrace, {"count", "children"});
    // Each child starts by itself: none of them is the fork of a started process.
    EXPECT_EQ(count_lines(result.trace, "init"), 2) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "forked"), 0);
    EXPECT_EQ(count_lines(result.output, "child use 0"), 2) << text_of(result.output);
}

TEST(Seed, ChildrenOfAForkHaveLanesOfTheirOwn) {
    const RunResult result =
        seed(Shim::kInstalled, {"count", "children"}, {{"HEADWAY_STATS", "1"}});
    EXPECT_EQ(count_lines(result.output, "child use 0"), 2) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "child status 0"), 2);
}

TEST(Seed, AResetIsTold) {
    const RunResult result = seed(Shim::kTrace, {"use", "reset"});
    EXPECT_EQ(count_lines(result.trace, "context destroyed"), 1) << text_of(result.trace);
}

}  // namespace
}  // namespace headway::shim_test
