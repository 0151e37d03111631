// What is never held, and the ends of a process's life.
#include "tests/shim/run.h"

#include <gtest/gtest.h>

namespace headway::shim_test {
namespace {

std::vector<std::string> program(const std::vector<std::string>& steps) {
    std::vector<std::string> argv{HEADWAY_PROGRAM};
    argv.insert(argv.end(), steps.begin(), steps.end());
    return argv;
}

TEST(Gate, SeesTheFactsOfALaunch) {
    const RunResult result = run(Shim::kTrace, program({"start", "launch"}));
    ASSERT_EQ(count_lines(result.trace, "before cuLaunchKernel stream 0 function "), 1)
        << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "grid 2 3 4 block 32 2 1 shared 128 bytes 0"), 1);
    EXPECT_EQ(count_lines(result.trace, "after cuLaunchKernel: 0"), 1);
}

TEST(Gate, SeesCopiesAndWhetherTheyBlock) {
    const RunResult result = run(Shim::kTrace, program({"start", "data"}));
    EXPECT_EQ(count_lines(result.trace, "before cuMemcpyHtoD_v2 stream 0 "), 1)
        << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "bytes 16 blocking"), 1);
    EXPECT_EQ(count_lines(result.trace, "before cuMemcpyDtoHAsync_v2"), 1);
    EXPECT_EQ(count_lines(result.trace, "before cuMemsetD32Async"), 1);
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
    EXPECT_EQ(count_lines(result.trace, "before cuLaunchKernel"), 2) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "bypassed: capturing"), 2);
    EXPECT_EQ(count_lines(result.trace, "before cuGraphLaunch"), 1);
    // Once the capture is over the driver is not asked any more: twice for the launches, once at
    // the end.
    EXPECT_EQ(count_lines(result.driver_log, "cuStreamIsCapturing"), 3)
        << text_of(result.driver_log);
}

TEST(NeverHeld, InAHostFunction) {
    const RunResult result = run(Shim::kTrace, program({"start", "callback"}));
    EXPECT_EQ(count_lines(result.output, "launch inside 800"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.trace, "bypassed: callback"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.trace, "before cuLaunchKernel"), 1);
}

TEST(NeverHeld, AtExit) {
    const RunResult result =
        run(Shim::kTrace, program({"start"}), {{"PROGRAM_AT_EXIT_EARLY", "1"}});
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
            {{"TRACE_PRIORITY", "-5"}, {"STANDIN_FAIL", "cuStreamCreateWithPriority:2=1"}});
    EXPECT_EQ(count_lines(result.output, "priority asked -1 -1"), 1) << text_of(result.output);
}

TEST(Life, AForkedChildIsTold) {
    const RunResult result = run(Shim::kTrace, program({"start", "launch", "fork"}));
    EXPECT_EQ(count_lines(result.trace, "forked"), 1) << text_of(result.trace);
    EXPECT_EQ(count_lines(result.output, "child launch 3"), 1) << text_of(result.output);
}

TEST(Life, AProgramWithoutCudaLoadsNoDriver) {
    for (const char* tool : {"/bin/true", "/bin/ls"}) {
        const RunResult result = run(Shim::kInstalled, {tool});
        EXPECT_EQ(result.exit_status, 0);
        EXPECT_EQ(text_of(result.errors), "");
    }
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "nothing"}, {{"LD_DEBUG", "files"}});
    EXPECT_EQ(count_lines(result.errors, HEADWAY_STANDIN_DIR), 0);
    // Linked to libcuda.so.1, but never calling it.
    EXPECT_EQ(count_lines(run(Shim::kInstalled, program({"maps"})).output, "driver is mapped 0"),
              1);
    EXPECT_EQ(
        count_lines(run(Shim::kInstalled, program({"start", "maps"})).output, "driver is mapped 1"),
        1);
}

TEST(Life, WithoutADriverCallsFailInsteadOfCrashing) {
    if (run(Shim::kNone, {HEADWAY_LOOK_UPS, "dlopen", "libcuda.so.1"})
            .output[0]
            .ends_with("driver")) {
        GTEST_SKIP() << "a CUDA driver is installed here";
    }
    const RunResult result = run(Shim::kInstalled, {HEADWAY_LONELY_PROGRAM, "start", "launch"});
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(count_lines(result.output, "init 100"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "launch 3"), 1);
    EXPECT_EQ(result.errors.size(), 1U) << text_of(result.errors);
}

TEST(Life, WithAnOlderDriverMissingCallsAreNotSupported) {
    const Environment old{{"HEADWAY_CUDA_DRIVER", HEADWAY_OLD_DRIVER}};
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LONELY_PROGRAM, "start", "launch", "capture"}, old);
    EXPECT_EQ(result.exit_status, 0) << text_of(result.errors);
    EXPECT_EQ(count_lines(result.output, "launch 0"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "begin 801"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "graph launch 801"), 1) << text_of(result.output);
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
