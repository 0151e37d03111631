// The real CUDA runtime, shared and static, finds the shim's functions. Built only where nvcc is.
#include "tests/shim/run.h"

#include <gtest/gtest.h>

namespace headway::shim_test {
namespace {

class Runtime : public testing::TestWithParam<const char*> {};

TEST_P(Runtime, GetsItsFunctionsFromTheShim) {
    Environment environment{{"STANDIN_LOG_LOOK_UPS", "1"},
                            {"HEADWAY_CUDA_DRIVER", HEADWAY_STANDIN}};
    const RunResult result = run(Shim::kTrace, {GetParam()}, environment);
    environment["LD_LIBRARY_PATH"] = HEADWAY_STANDIN_DIR;
    const RunResult native = run(Shim::kNone, {GetParam()}, environment);
    EXPECT_EQ(result.exit_status, 0) << text_of(result.errors);
    EXPECT_EQ(text_of(result.output), text_of(native.output));
    // What it asks for, in versions and per-thread forms, is what it asks the bare driver for ...
    EXPECT_GT(count_lines(native.driver_log, "look-up "), 300);
    EXPECT_EQ(count_lines(result.driver_log, "look-up cuLaunchKernel 7000 2"), 1);
    EXPECT_EQ(count_lines(result.driver_log, "cuInit(0) = 0"), 1);
    // ... and what it calls is ours: cuInit came by way of the hook.
    EXPECT_EQ(count_lines(result.trace, "init"), 1) << text_of(result.trace);
}

INSTANTIATE_TEST_SUITE_P(Linkage,
                         Runtime,
                         testing::Values(HEADWAY_RUNTIME_SHARED, HEADWAY_RUNTIME_STATIC));

}  // namespace
}  // namespace headway::shim_test
