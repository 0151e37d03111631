// What is never held, and the ends of a process's life.
#include "api_under_test.h"
#include "tests/shim/program.h"
#include "tests/shim/run.h"

#include <gtest/gtest.h>

namespace headway::shim_test {
namespace {

// Lines of the tracing scheduler.
std::string before(const char* call) {
    return std::string("before ") + call;
}

std::string after(const char* call) {
    return std::string("after ") + call;
}

TEST(Gate, SeesTheFactsOfALaunch) {
    const RunResult result = run(Shim::kTrace, program({"start", "launch"}));
    ASSERT_EQ(count_lines(result.trace, before(api::kLaunch) + " stream 0 function "), 1)
        << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "grid 2 3 4 block 32 2 1 shared 128 bytes 0"), 1);
    EXPECT_EQ(count_lines(result.trace, after(api::kLaunch) + ": 0"), 1);
}

TEST(Gate, SeesCopiesAndWhetherTheyBlock) {
    const RunResult result = run(Shim::kTrace, program({"start", "data"}));
    EXPECT_EQ(count_lines(result.trace, before(api::kCopyIn) + " stream 0 "), 1)
        << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "bytes 16 blocking"), 1);
    EXPECT_EQ(count_lines(result.trace, before(api::kCopyOut)), 1);
    EXPECT_EQ(count_lines(result.trace, before(api::kMemset)), 1);
    EXPECT_EQ(count_lines(result.trace, "waited for stream: 0"), 1);
}

TEST(Gate, IsToldWhatTheProgramObserves) {
    const RunResult result = run(Shim::kTrace, program({"start", "events"}));
    EXPECT_EQ(count_lines(result.trace, "event recorded: 0"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "asked event: 600"), 1);
    EXPECT_EQ(count_lines(result.trace, "waited for event: 0"), 1);
    EXPECT_EQ(count_lines(result.trace, "asked event: 0"), 1);
    EXPECT_EQ(count_lines(result.trace, "event destroyed"), 1);
}

TEST(NeverHeld, WhileAGraphIsCaptured) {
    const RunResult result = run(Shim::kTrace, program({"start", "capture"}));
    EXPECT_EQ(result.exit_status, 0);
    // Two launches run (before and after), two are recorded: one of them on a stream that joined.
    EXPECT_EQ(count_lines(result.trace, before(api::kLaunch)), 2) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "bypassed: capturing"), 2);
    EXPECT_EQ(count_lines(result.trace, before(api::kGraphLaunch)), 1);
    // Once the capture is over the driver is not asked any more: twice for the launches, once at
    // the end.
    EXPECT_EQ(count_lines(result.driver_log, api::kIsCapturing), 3) << text_of(result.driver_log);
}

TEST(NeverHeld, InAHostFunction) {
    const RunResult result = run(Shim::kTrace, program({"start", "callback"}));
    EXPECT_EQ(count_lines(result.output, "launch inside 800"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.trace, "bypassed: callback"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "host function"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, before(api::kLaunch)), 1);
}

TEST(NeverHeld, AtExit) {
    const RunResult result =
        run(Shim::kTrace, program({"start", "launch"}), {{"PROGRAM_AT_EXIT_EARLY", "1"}});
    EXPECT_EQ(count_lines(result.output, "launch at exit 0"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.trace, "bypassed: exiting"), 1) << text_of(result.trace);
}

TEST(Streams, GetThePriorityThatTheSchedulerWants) {
    const RunResult result =
        run(Shim::kTrace, program({"start", "priority"}), {{"TRACE_PRIORITY", "-5"}});
    EXPECT_EQ(count_lines(result.output, "priority asked -1 -5"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "priority asked none -5"), 1);
}

TEST(Streams, KeepTheirOwnPriorityWhenTheDriverRefuses) {
    const RunResult result =
        run(Shim::kTrace,
            program({"start", "priority"}),
            {{"TRACE_PRIORITY", "-5"},
             {"STANDIN_FAIL", std::string(api::kStreamWithPriority) + ":2=1"}});
    EXPECT_EQ(count_lines(result.output, "priority asked -1 -1"), 1) << text_of(result.output);
}

TEST(Life, AForkedChildIsTold) {
    const RunResult result = run(Shim::kTrace, program({"start", "launch", "fork"}));
    EXPECT_EQ(count_lines(result.trace, "forked"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.output, "child launch 3"), 1) << text_of(result.output);
}

TEST(Switches, DisableMeansForwardingOnly) {
    const Environment off{{"HEADWAY_DISABLE", "1"}};
    const RunResult result =
        run(Shim::kTrace, program({"start", "launch", "data", "capture"}), off);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(count_lines(result.output, "data is right 1"), 1) << text_of(result.output);
    EXPECT_EQ(text_of(result.trace), "");
}

TEST(Switches, StatsSayWhatPassed) {
    const RunResult result = run(Shim::kInstalled,
                                 program({"start", "launch", "threads", "data"}),
                                 {{"HEADWAY_STATS", "1"}});
    EXPECT_EQ(count_lines(result.errors, "801 launches, 0 graph launches, 2 copies, 1 memsets"), 1)
        << text_of(result.errors);
    EXPECT_EQ(count_lines(result.errors, "bypassed 0; unknown look-ups 0"), 1);
    EXPECT_EQ(count_lines(result.errors, "headway: lane "), 1);
}

}  // namespace
}  // namespace headway::shim_test
