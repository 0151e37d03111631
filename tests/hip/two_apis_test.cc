// The CUDA shim and the HIP shim in one process, as on a machine with GPUs of both makers.
#include "tests/shim/run.h"

#include <gtest/gtest.h>

#include <string>

namespace headway::shim_test {
namespace {

TEST(TwoApis, EachLaneIsItsOwnLibrarys) {
    const RunResult result =
        run(Shim::kInstalled,
            {HEADWAY_TWO_APIS},
            {{"LD_PRELOAD", std::string(HEADWAY_CUDA_SHIM) + ":" + HEADWAY_SHIM},
             {"HEADWAY_CUDA_DRIVER", HEADWAY_CUDA_STANDIN}});
    EXPECT_EQ(result.exit_status, 0) << text_of(result.errors);
    for (const char* device : {"cuda", "hip", "cpu"}) {
        for (const char* what : {"enter ", "priority ", "counters ", "leave "})
            EXPECT_EQ(count_lines(result.output, what + std::string(device) + " 0"), 1)
                << what << device << '\n'
                << text_of(result.output);
    }
    EXPECT_EQ(count_lines(result.output, "open cuda:0 0"), 1) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "open hip:0 0"), 1);
    EXPECT_EQ(count_lines(result.output, "open cpu 0"), 1);
    EXPECT_EQ(count_lines(result.output, "leave both 0 0"), 1);
}

TEST(TwoApis, ErrorsAreThoseOfTheLibraryThatWasAsked) {
    const RunResult result =
        run(Shim::kInstalled,
            {HEADWAY_TWO_APIS},
            {{"LD_PRELOAD", std::string(HEADWAY_CUDA_SHIM) + ":" + HEADWAY_SHIM},
             {"HEADWAY_CUDA_DRIVER", HEADWAY_CUDA_STANDIN}});
    EXPECT_EQ(count_lines(result.output, "why: no device \"hip:9\": there are 1"), 1)
        << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "why: no device \"cuda:9\": there are 1"), 1);
}

TEST(TwoApis, WithoutACudaShimItsDevicesAreNotFound) {
    const RunResult result = run(Shim::kInstalled, {HEADWAY_TWO_APIS});
    EXPECT_EQ(count_lines(result.output, "open cuda:0 0"), 0) << text_of(result.output);
    EXPECT_EQ(count_lines(result.output, "open hip:0 0"), 1);
}

}  // namespace
}  // namespace headway::shim_test
