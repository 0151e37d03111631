// The preloaded library that plays a loader with layers where there is none.
#include "tests/opencl/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace headway::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

[[maybe_unused]] const testing::Environment* const g_platform =
    testing::AddGlobalTestEnvironment(new Platform);

Variables preloaded(const std::string& library = HEADWAY_OPENCL_PRELOAD_LIBRARY) {
    return {{"LD_PRELOAD", library}, {"HEADWAY_STATS", "1"}, {"HEADWAY_PRIORITY", "0"}};
}

// What the layer has counted, but for what depends on the time.
std::string seen_by_layer(const Finished& finished) {
    std::smatch match;
    const std::regex line("headway: opencl: saw .*");
    return std::regex_search(finished.err, match, line) ? match.str() : "";
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> all_matches(const std::string& text, const char* pattern) {
    std::vector<std::string> found;
    const std::regex expression(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it)
        found.push_back((*it)[1]);
    return found;
}

class Preload : public OpenCl {
 protected:
    // The same output, and each of its kernels seen once.
    void expect_scheduled(const Words& words, const char* kernels) {
        const Finished native = run(words);
        attach(10);
        const Finished scheduled = run(words, preloaded());
        detach();
        EXPECT_EQ(native.status, 0) << native.err;
        EXPECT_EQ(scheduled.status, native.status) << scheduled.err;
        EXPECT_EQ(scheduled.out, native.out);
        EXPECT_THAT(scheduled.err, HasSubstr(kernels));
        EXPECT_GT(counter(scheduled, "gated"), 0) << scheduled.err;
        EXPECT_GT(counter(scheduled, "markers"), 0) << scheduled.err;
        EXPECT_EQ(counter(scheduled, "timeouts"), 0) << scheduled.err;
    }

    void expect_untouched(const Words& words, const Variables& variables) {
        const Finished native = run(words);
        const Finished other = run(words, variables);
        EXPECT_EQ(other.status, native.status);
        EXPECT_EQ(other.out, native.out);
        EXPECT_EQ(other.err, native.err);
    }
};

TEST_F(Preload, AProgramIsScheduledUnderALoaderWithoutLayers) {
    expect_scheduled({program("opencl_life_plain"), "early"}, "saw 20 kernels, 1 copies");
}

TEST_F(Preload, ItIsHeldWhileAHigherLaneWorks) {
    const Words words = {program("opencl_life_plain"), "early"};
    Variables variables = preloaded();
    variables["HEADWAY_MAX_HOLD_MS"] = "150";
    attach(10);
    turn_busy();
    const Finished held = run(words, variables);
    detach();
    EXPECT_EQ(held.status, 0) << held.err;
    EXPECT_EQ(held.out, run(words).out);
    EXPECT_GT(counter(held, "held"), 0) << held.err;
}

TEST_F(Preload, ForksAndUnfinishedWorkAreAsUnderALoaderWithLayers) {
    expect_scheduled({program("opencl_life_plain"), "fork-before"}, "saw 20 kernels");
    expect_scheduled({program("opencl_life_plain"), "fork-after"}, "saw 40 kernels");
    const Finished unfinished = run({program("opencl_life_plain"), "unfinished"}, preloaded());
    EXPECT_EQ(unfinished.status, 0) << unfinished.err;
}

TEST_F(Preload, TheFirstCallsMayComeFromSeveralThreadsAtOnce) {
    // Natively ocl-icd fails now and then if several threads start it: under Headway one does.
    const Finished native = run({program("opencl_threads_plain")});
    for (int repetition = 0; repetition < 10; ++repetition) {
        expect_scheduled({program("opencl_threads_plain")}, "saw 40 kernels, 8 copies");
        const Finished scheduled = run({program("opencl_threads")}, preloaded());
        EXPECT_EQ(scheduled.status, 0) << scheduled.err;
        EXPECT_EQ(scheduled.out, native.out);
        EXPECT_THAT(scheduled.err, HasSubstr("saw 40 kernels, 8 copies"));
    }
}

// Each function of OpenCL, through the forwarders: a loader that knows layers, but is told of none.
TEST_F(Preload, EveryKindOfCommandGivesTheSameResults) {
    for (const char* name : {"opencl_everything", "opencl_errors"}) {
        const Finished native = run({program(name)});
        const Finished layered = run({program(name)}, layer());
        attach(10);
        const Finished scheduled = run({program(name)}, preloaded());
        detach();
        EXPECT_EQ(scheduled.status, native.status) << scheduled.err;
        EXPECT_EQ(scheduled.out, native.out);
        EXPECT_NE(seen_by_layer(layered), "") << name << layered.err;
        EXPECT_EQ(seen_by_layer(scheduled), seen_by_layer(layered)) << name;
    }
}

TEST_F(Preload, WhereTheLoaderHasTheLayerItIsNotThereTwice) {
    Variables both = layer();
    both["LD_PRELOAD"] = HEADWAY_OPENCL_PRELOAD_LIBRARY;
    for (const char* name : {"opencl_everything", "opencl_errors"}) {
        const Finished layered = run({program(name)}, layer());
        const Finished twice = run({program(name)}, both);
        EXPECT_EQ(twice.status, layered.status) << twice.err;
        EXPECT_EQ(twice.out, layered.out);
        EXPECT_NE(seen_by_layer(layered), "") << name << layered.err;
        EXPECT_EQ(seen_by_layer(twice), seen_by_layer(layered)) << name;
        EXPECT_EQ(counter(twice, "gated"), counter(layered, "gated")) << name;
    }
    EXPECT_THAT(run({program("opencl_threads")}, both).err, HasSubstr("saw 40 kernels, 8 copies"));
}

TEST_F(Preload, TheLoaderMayBelongToAPlugin) {
    for (const char* plugin : {"libopencl_plugin.so", "libopencl_plugin_plain.so"}) {
        expect_scheduled({program("opencl_host"), program(plugin)}, "saw 20 kernels");
    }
}

TEST_F(Preload, AProgramThatLoadsTheLoaderByItselfIsMissedAndWorks) {
    for (const char* how : {"tidy", "hasty"}) {
        expect_untouched({program("opencl_unload"), how}, preloaded());
    }
}

TEST_F(Preload, WithoutALoaderItSaysSo) {
    const Finished finished = run({program("opencl_host")}, preloaded());
    EXPECT_EQ(finished.status, 0) << finished.err;
    // CL_PLATFORM_NOT_FOUND_KHR, and CL_INVALID_OPERATION.
    EXPECT_EQ(finished.out, "platforms -1001 0\ncontext 0 -59\nfinish -59\n");
}

TEST_F(Preload, WithoutTheLayerItDoesNothing) {
    const std::filesystem::path alone = boards_.path() / "libheadway_opencl_preload.so";
    std::filesystem::copy_file(HEADWAY_OPENCL_PRELOAD_LIBRARY, alone);
    expect_untouched({program("opencl_life_plain"), "early"}, preloaded(alone));
    expect_untouched({program("opencl_errors")}, preloaded(alone));
}

TEST_F(Preload, DisabledItIsNotThere) {
    Variables variables = preloaded();
    variables["HEADWAY_DISABLE"] = "1";
    expect_untouched({program("opencl_life_plain"), "early"}, variables);
    expect_untouched({program("opencl_everything")}, variables);
}

TEST_F(Preload, AProgramWithoutOpenClIsLeftAlone) {
    expect_untouched({"/bin/true"}, preloaded());
    const Finished maps = run({"/bin/cat", "/proc/self/maps"}, preloaded());
    EXPECT_THAT(maps.out, HasSubstr("libheadway_opencl_preload.so"));
    EXPECT_THAT(maps.out, Not(HasSubstr("libheadway_opencl.so")));
    EXPECT_THAT(maps.out, Not(HasSubstr("libOpenCL")));
}

TEST_F(Preload, HeadwayRunPreloadsItWhenAsked) {
    const Words words = {
        HEADWAY_CLI_PATH, "run", "--stats", "--", program("opencl_life_plain"), "early"};
    EXPECT_EQ(seen_by_layer(run(words)), "");
    EXPECT_EQ(seen_by_layer(run(words, {{"HEADWAY_OPENCL_PRELOAD", "0"}})), "");
    const Finished asked = run(words, {{"HEADWAY_OPENCL_PRELOAD", "1"}});
    EXPECT_EQ(asked.status, 0) << asked.err;
    EXPECT_THAT(asked.err, HasSubstr("headway: opencl: saw 20 kernels"));
    // Under a loader with layers the layer is at work once.
    const Finished layered =
        run({HEADWAY_CLI_PATH, "run", "--stats", "--", program("opencl_life"), "early"},
            {{"HEADWAY_OPENCL_PRELOAD", "1"}});
    EXPECT_THAT(layered.err, HasSubstr("headway: opencl: saw 20 kernels"));
}

TEST_F(Preload, PyOpenCl) {
    if (run({"/usr/bin/python3", "-c", "import pyopencl"}).status != 0) {
        GTEST_SKIP() << "pyopencl is not installed (Debian: python3-pyopencl)";
    }
    const Words words = {"/usr/bin/python3", program("pyopencl_program.py")};
    const Finished native = run(words);
    const Finished scheduled = run_beside_rival(words, preloaded(), 120);
    EXPECT_EQ(scheduled.status, 0) << scheduled.err;
    EXPECT_EQ(scheduled.out, native.out);
    EXPECT_GT(counter(scheduled, "gated"), 0) << scheduled.err;
    EXPECT_GT(counter(scheduled, "held"), 0) << scheduled.err;
}

// The members of cl_icd_dispatch, in its order, without those of extensions.
TEST(PreloadTable, HasEveryCoreFunctionOfTheHeaders) {
    const std::string header = text_of(HEADWAY_OPENCL_ICD_HEADER);
    const std::size_t at = header.find("typedef struct _cl_icd_dispatch");
    ASSERT_NE(at, std::string::npos);
    std::vector<std::string> members =
        all_matches(header.substr(at), "\\bcl_api_cl\\w+\\s+(cl\\w+);");
    EXPECT_GT(members.size(), 140U);
    const std::regex extension("KHR$|EXT$|GL|D3D|DX9");
    members.erase(
        std::remove_if(members.begin(),
                       members.end(),
                       [&](const std::string& name) { return std::regex_search(name, extension); }),
        members.end());
    EXPECT_EQ(all_matches(text_of(HEADWAY_OPENCL_TABLE), "API\\((\\w+)\\)"), members);
}

}  // namespace
}  // namespace headway::test
