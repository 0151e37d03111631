// What the shim adds to a launch when nobody competes.
#include "tests/shim/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace headway::shim_test {
namespace {

// The bar of the design. Measured: 2 ns.
constexpr double kAddedNsMax = 50;

double launch_ns(Shim shim, const Environment& extra) {
    Environment environment{{"LD_LIBRARY_PATH", HEADWAY_EMPTY_DRIVER_DIR}};
    environment.insert(extra.begin(), extra.end());
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const RunResult result = run(shim, {HEADWAY_LAUNCH_LOOP}, environment);
        if (result.output.empty()) return -1;
        best = std::min(best, std::stod(result.output[0]));
    }
    return best;
}

TEST(Overhead, OfALaunchAlone) {
#if !defined(__OPTIMIZE__)
    GTEST_SKIP() << "says nothing without optimisation";
#endif
    const double native = launch_ns(Shim::kNone, {});
    const double disabled = launch_ns(Shim::kInstalled, {{"HEADWAY_DISABLE", "1"}});
    const double shim = launch_ns(Shim::kInstalled, {});
    ASSERT_GT(native, 0);
    ASSERT_GT(shim, 0);
    RecordProperty("native_ns", std::to_string(native));
    RecordProperty("disabled_ns", std::to_string(disabled));
    RecordProperty("shim_ns", std::to_string(shim));
    std::printf("launch: native %.2f ns, disabled %.2f ns, shim %.2f ns\n", native, disabled, shim);
    EXPECT_LE(shim - native, kAddedNsMax);
}

}  // namespace
}  // namespace headway::shim_test
