// Every way in which programs find the runtime leads to the shim, and only where it should.
#include "tests/shim/run.h"

#include <gtest/gtest.h>

#include <string>

namespace headway::shim_test {
namespace {

const std::string kRuntime = std::string(HEADWAY_STANDIN_DIR) + "/libamdhip64.so.6";

Environment with_runtime() {
    return {{"LD_LIBRARY_PATH", HEADWAY_STANDIN_DIR}};
}

TEST(Dlopen, FindsTheShimUnderEveryName) {
    const RunResult result = run(Shim::kInstalled,
                                 {HEADWAY_LOOK_UPS,
                                  "open",
                                  "libamdhip64.so",
                                  "libamdhip64.so.6",
                                  kRuntime,
                                  std::string(HEADWAY_STANDIN_DIR) + "/libamdhip64.so"},
                                 with_runtime());
    EXPECT_EQ(result.exit_status, 0) << text_of(result.errors);
    EXPECT_EQ(count_lines(result.output, ": headway"), 4) << text_of(result.output);
    EXPECT_EQ(text_of(result.errors), "");
}

TEST(Dlopen, OfAPathNeedsNoSearch) {
    const RunResult result = run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "open", kRuntime});
    EXPECT_EQ(count_lines(result.output, ": headway"), 1) << text_of(result.output);
}

TEST(Dlopen, OfASecondRuntimeIsLeftAlone) {
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "open", kRuntime, HEADWAY_OTHER_RUNTIME});
    EXPECT_EQ(count_lines(result.output, "/libamdhip64.so.6: headway"), 1)
        << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "/libamdhip64.so.5: runtime"), 1)
        << text_of(result.output);
}

TEST(Dlopen, OfAnotherMajorVersionAloneIsScheduled) {
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "open", HEADWAY_OTHER_RUNTIME});
    EXPECT_EQ(count_lines(result.output, "/libamdhip64.so.5: headway"), 1)
        << text_of(result.output);
}

TEST(Dlopen, FailsWithoutARuntimeAsItDoesNatively) {
    for (const Shim shim : {Shim::kNone, Shim::kInstalled}) {
        const RunResult result = run(shim, {HEADWAY_LOOK_UPS, "open", "libamdhip64.so.99"});
        EXPECT_EQ(count_lines(result.output, ": none"), 1) << text_of(result.output);
        EXPECT_EQ(text_of(result.errors), "");
    }
}

TEST(Dlopen, NoLoadTellsWhetherTheRuntimeIsInUse) {
    for (const Shim shim : {Shim::kNone, Shim::kInstalled}) {
        const RunResult result =
            run(shim, {HEADWAY_LOOK_UPS, "noload", "libamdhip64.so.6"}, with_runtime());
        EXPECT_EQ(text_of(result.output), "loaded before: 0\nopened: 1\nloaded after: 1\n");
    }
}

TEST(Dlopen, MayBeClosedAndOpenedAgain) {
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "close", "libamdhip64.so.6"}, with_runtime());
    EXPECT_EQ(count_lines(result.output, "init 0, close 0"), 3) << text_of(result.output);
}

TEST(Dlopen, IsNotTouchedWhenDisabled) {
    Environment environment = with_runtime();
    environment["HEADWAY_DISABLE"] = "1";
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "open", "libamdhip64.so.6"}, environment);
    EXPECT_EQ(count_lines(result.output, ": runtime"), 1) << text_of(result.output);
}

TEST(ProcAddress, AnswersAsTheRuntimeDoesWithTheShimsFunctions) {
    const std::vector<std::string> look_ups{HEADWAY_LOOK_UPS, "proc", "libamdhip64.so.6"};
    const RunResult native = run(Shim::kNone, look_ups, with_runtime());
    const RunResult result = run(Shim::kInstalled, look_ups, with_runtime());
    ASSERT_EQ(result.exit_status, 0) << text_of(result.errors);
    ASSERT_EQ(native.output.size(), result.output.size());
    for (std::size_t i = 0; i < native.output.size(); ++i) {
        // The same symbol, result and status; only the owner differs. The runtime opens itself by
        // name, so that it finds the shim's functions without a hook, too.
        std::string expected = native.output[i];
        const std::size_t owner = expected.find(": runtime");
        if (owner != std::string::npos) expected.replace(owner, 9, ": headway");
        EXPECT_EQ(result.output[i], expected);
    }
    EXPECT_EQ(count_lines(native.output, ": runtime"), 12) << text_of(native.output);
}

TEST(Search, TakesTheRuntimeThatIsNamed) {
    const RunResult result = run(Shim::kInstalled,
                                 {HEADWAY_LOOK_UPS, "open", HEADWAY_OTHER_RUNTIME, kRuntime},
                                 {{"HEADWAY_HIP_RUNTIME", kRuntime}});
    EXPECT_EQ(count_lines(result.output, "/libamdhip64.so.5: runtime"), 1)
        << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "/libamdhip64.so.6: headway"), 1)
        << text_of(result.output);
}

TEST(Search, SaysWhenTheNamedRuntimeIsNone) {
    const RunResult result = run(Shim::kInstalled,
                                 {HEADWAY_PROGRAM, "start", "launch"},
                                 {{"HEADWAY_HIP_RUNTIME", "/etc/passwd"}});
    EXPECT_EQ(count_lines(result.output, "launch 0"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.errors, "HEADWAY_HIP_RUNTIME=/etc/passwd"), 1);
}

TEST(Life, AProgramWithoutHipIsNotTouched) {
    for (const char* tool : {"/bin/true", "/bin/ls"}) {
        const RunResult result = run(Shim::kInstalled, {tool});
        EXPECT_EQ(result.exit_status, 0);
        EXPECT_EQ(text_of(result.errors), "");
    }
}

}  // namespace
}  // namespace headway::shim_test
