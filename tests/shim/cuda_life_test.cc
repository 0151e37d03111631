// What only a library under the driver's own name must show: programs without CUDA, and systems
// without a driver or with an older one.
#include "tests/shim/program.h"
#include "tests/shim/run.h"

#include <gtest/gtest.h>

namespace headway::shim_test {
namespace {

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

}  // namespace
}  // namespace headway::shim_test
