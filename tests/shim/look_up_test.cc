// Every way in which programs find driver functions leads to the shim, and only where it should.
#include "tests/shim/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headway::shim_test {
namespace {

const std::string kDriver = std::string(HEADWAY_STANDIN_DIR) + "/libcuda.so.1";

Environment with_driver() {
    return {{"HEADWAY_CUDA_DRIVER", kDriver}};
}

TEST(Dlopen, FindsTheShimUnderEveryName) {
    const RunResult result = run(Shim::kInstalled,
                                 {HEADWAY_LOOK_UPS,
                                  "dlopen",
                                  "libcuda.so.1",
                                  "libcuda.so",
                                  kDriver,
                                  std::string(HEADWAY_STANDIN_DIR) + "/libcuda.so"},
                                 with_driver());
    EXPECT_EQ(result.exit_status, 0) << text_of(result.errors);
    EXPECT_EQ(count_lines(result.output, ": headway"), 8) << text_of(result.output);
}

TEST(Dlopen, OfAnotherFileIsLeftAlone) {
    const std::filesystem::path other =
        std::filesystem::temp_directory_path() / ("headway_other_" + std::to_string(getpid()));
    std::filesystem::create_directory(other);
    std::filesystem::copy_file(kDriver, other / "libcuda.so.1");
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "dlopen", other / "libcuda.so.1"}, with_driver());
    std::filesystem::remove_all(other);
    EXPECT_EQ(count_lines(result.output, ": driver"), 2) << text_of(result.output);
}

TEST(Dlopen, OfAPathAdoptsTheDriverThatNoSearchFinds) {
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "dlopen", kDriver, "libcuda.so.1"});
    EXPECT_EQ(count_lines(result.output, ": headway"), 4) << text_of(result.output);
}

TEST(Dlopen, KeepsTheCallersOwnSearchPath) {
    for (const Shim shim : {Shim::kNone, Shim::kInstalled}) {
        const RunResult result = run(shim, {HEADWAY_LOOK_UPS, "outer", HEADWAY_OUTER_LIBRARY});
        EXPECT_EQ(count_lines(result.output, "inner: 42"), 1) << text_of(result.output);
    }
}

TEST(Dlopen, NoLoadTellsWhetherTheDriverIsInUse) {
    const RunResult result = run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "noload"}, with_driver());
    EXPECT_EQ(text_of(result.output), "loaded before: 0\nopened: 1\nloaded after: 1\n");
}

TEST(Dlopen, MayBeClosedAndOpenedAgain) {
    const RunResult result = run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "close"}, with_driver());
    EXPECT_EQ(count_lines(result.output, "init 0, close 0"), 3) << text_of(result.output);
}

TEST(Dlopen, FailsWithoutADriverAsItDoesNatively) {
    // The only driver that could be found on this machine would be an installed one.
    if (run(Shim::kNone, {HEADWAY_LOOK_UPS, "dlopen", "libcuda.so.1"})
            .output[0]
            .ends_with("driver")) {
        GTEST_SKIP() << "a CUDA driver is installed here";
    }
    const RunResult result =
        run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "dlopen", "libcuda.so.1", "libcuda.so"});
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(count_lines(result.output, ": none"), 4) << text_of(result.output);
    EXPECT_EQ(result.errors.size(), 1U) << text_of(result.errors);
}

class ProcAddress : public testing::TestWithParam<const char*> {};

TEST_P(ProcAddress, AnswersAsTheDriverDoesWithTheShimsFunctions) {
    Environment environment = with_driver();
    if (*GetParam() != '\0') environment[GetParam()] = "1";
    const RunResult result = run(Shim::kInstalled, {HEADWAY_LOOK_UPS, "proc"}, environment);
    Environment native_environment{{"LD_LIBRARY_PATH", HEADWAY_STANDIN_DIR}};
    const RunResult native = run(Shim::kNone, {HEADWAY_LOOK_UPS, "proc"}, native_environment);
    ASSERT_EQ(result.exit_status, 0);
    ASSERT_EQ(native.output.size(), result.output.size());
    for (std::size_t i = 0; i < native.output.size(); ++i) {
        // The same symbol, result and status; only the owner differs, and only for hooked
        // functions.
        std::string expected = native.output[i];
        const bool hooked = !expected.starts_with("cuCtxGetCurrent");
        const std::size_t owner = expected.find(": driver");
        if (hooked && owner != std::string::npos) expected.replace(owner, 8, ": headway");
        const bool unhooked_alias = !hooked && *GetParam() != '\0';
        if (unhooked_alias) continue;  // the native run has no aliases
        EXPECT_EQ(result.output[i], expected);
    }
    EXPECT_EQ(count_lines(result.output, "returns itself: 1"), 2);
}

INSTANTIATE_TEST_SUITE_P(Drivers, ProcAddress, testing::Values("", "STANDIN_ALIAS"));

// Where the driver is found, without HEADWAY_CUDA_DRIVER.
TEST(Search, HonoursTheLibraryPath) {
    const RunResult result =
        run(Shim::kInstalled,
            {HEADWAY_LOOK_UPS, "close"},
            {{"LD_LIBRARY_PATH", std::string("/nonexistent:") + HEADWAY_STANDIN_DIR}});
    EXPECT_EQ(count_lines(result.output, "init 0"), 3) << text_of(result.output);
}

TEST(Search, HonoursTheProgramsRunPath) {
    const RunResult result = run(Shim::kInstalled, {HEADWAY_PROGRAM, "start", "launch"});
    EXPECT_EQ(count_lines(result.output, "launch 0"), 1) << text_of(result.output);
}

TEST(Search, SkipsHeadwayItself) {
    const std::filesystem::path first =
        std::filesystem::temp_directory_path() / ("headway_self_" + std::to_string(getpid()));
    std::filesystem::create_directories(first / "copy");
    std::filesystem::create_directories(first / "link");
    std::filesystem::copy_file(HEADWAY_SHIM, first / "copy" / "libcuda.so.1");
    std::filesystem::create_symlink(HEADWAY_SHIM, first / "link" / "libcuda.so.1");
    const RunResult result = run(Shim::kInstalled,
                                 {HEADWAY_LOOK_UPS, "close"},
                                 {{"LD_LIBRARY_PATH",
                                   (first / "link").string() + ":" + (first / "copy").string() +
                                       ":" + HEADWAY_STANDIN_DIR}});
    std::filesystem::remove_all(first);
    EXPECT_EQ(count_lines(result.output, "init 0"), 3)
        << text_of(result.output) << text_of(result.errors);
}

TEST(Search, WorksAsAReplacementDirectoryWithoutPreload) {
    const std::filesystem::path first =
        std::filesystem::temp_directory_path() / ("headway_first_" + std::to_string(getpid()));
    std::filesystem::create_directory(first);
    std::filesystem::create_symlink(HEADWAY_SHIM, first / "libcuda.so.1");
    const RunResult result = run(Shim::kNone,
                                 {HEADWAY_LOOK_UPS, "dlopen", "libcuda.so.1"},
                                 {{"LD_LIBRARY_PATH", first.string() + ":" + HEADWAY_STANDIN_DIR}});
    std::filesystem::remove_all(first);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(count_lines(result.output, ": headway"), 2) << text_of(result.output);
}

TEST(Search, SaysWhenTheNamedDriverIsNone) {
    const RunResult result = run(Shim::kInstalled,
                                 {HEADWAY_PROGRAM, "start", "launch"},
                                 {{"HEADWAY_CUDA_DRIVER", "/etc/passwd"}});
    EXPECT_EQ(count_lines(result.output, "launch 0"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.errors, "HEADWAY_CUDA_DRIVER=/etc/passwd"), 1);
}

}  // namespace
}  // namespace headway::shim_test
