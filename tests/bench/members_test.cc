#include "bench/two_models/members.h"

#include "bench/failure.h"
#include "bench/two_models/scenario_run.h"
#include "bench/two_models/side_run.h"

#include <gtest/gtest.h>

#include <string>

namespace headway::bench {
namespace {

Options on(const char* device, Placement placement) {
    Options options;
    options.device = device;
    options.placement = placement;
    options.low_count = 2;
    return options;
}

TEST(Members, ThreadsShareOneChild) {
    const auto members = members_of(on("cpu", Placement::kThreads), {0, "headway"});
    ASSERT_EQ(members.size(), 1U);
    EXPECT_EQ(members[0].label, "");
    EXPECT_EQ(members[0].job.at("task"), kScenarioTask);
    EXPECT_FALSE(members[0].job.contains("preload"));
}

TEST(Members, EachModelHasAProcess) {
    const auto members = members_of(on("cpu", Placement::kProcesses), {3, "headway"});
    ASSERT_EQ(members.size(), 3U);
    EXPECT_EQ(members[0].label, "high");
    EXPECT_EQ(members[1].label, "low 1");
    EXPECT_EQ(members[2].label, "low 2");
    EXPECT_EQ(members[2].job.at("task"), kSideTask);
    EXPECT_EQ(members[2].job.at("index"), 1);
    EXPECT_EQ(members[2].job.at("repeat"), 3);
    EXPECT_FALSE(members[2].job.contains("environment"));
    EXPECT_EQ(members_of(on("cpu", Placement::kProcesses), {0, "high-alone"}).size(), 1U);
    EXPECT_EQ(members_of(on("cpu", Placement::kProcesses), {0, "low-alone"}).size(), 2U);
}

TEST(Members, ACommandIsToldWhichSideItStarts) {
    Options options = on("cpu", Placement::kProcesses);
    options.externals = {{"nice", "env -i"}};
    const auto members = members_of(options, {0, "nice"});
    ASSERT_EQ(members.size(), 3U);
    for (const Member& member : members) {
        ASSERT_EQ(member.job.at("wrapper").size(), 2U);
        EXPECT_EQ(member.job.at("wrapper")[1], "-i");
        EXPECT_EQ(member.job.at("environment").at("HEADWAY_BENCH_DEVICE"), "cpu");
    }
    EXPECT_EQ(members[0].job.at("environment").at("HEADWAY_BENCH_ROLE"), "high");
    EXPECT_EQ(members[0].job.at("environment").at("HEADWAY_BENCH_PRIORITY"), "10");
    EXPECT_EQ(members[2].job.at("environment").at("HEADWAY_BENCH_ROLE"), "low");
    EXPECT_EQ(members[2].job.at("environment").at("HEADWAY_BENCH_PRIORITY"), "1");
    EXPECT_FALSE(members_of(options, {0, "time-slicing"})[0].job.contains("wrapper"));
}

TEST(Members, ClientsOfMpsGetTheirShares) {
    const Options options = on("cuda:0", Placement::kProcesses);
    const nlohmann::json variables = {{"CUDA_MPS_PIPE_DIRECTORY", "/pipe"},
                                      {"CUDA_MPS_CLIENT_PRIORITY", nullptr}};
    const auto environment = [&](const char* scenario, std::size_t member) {
        return members_of(options, {0, scenario}, variables)[member].job.at("environment");
    };
    EXPECT_EQ(environment("mps", 0), variables);
    EXPECT_EQ(environment("mps", 2), variables);
    EXPECT_EQ(environment("mps-priority", 0).at("CUDA_MPS_CLIENT_PRIORITY"), "0");
    EXPECT_EQ(environment("mps-priority", 1).at("CUDA_MPS_CLIENT_PRIORITY"), "1");
    EXPECT_EQ(environment("mps-80", 0), variables);
    EXPECT_EQ(environment("mps-80", 2).at("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"), "80");
    EXPECT_EQ(environment("mps-50", 2).at("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"), "50");
    EXPECT_EQ(environment("mps-50", 2).at("CUDA_MPS_PIPE_DIRECTORY"), "/pipe");
    EXPECT_EQ(environment("time-slicing", 2), variables);
}

TEST(Members, OnAGpuTheShimGetsTheLaneFromVariables) {
    Options options = on("cuda:0", Placement::kProcesses);
    options.timeslice_us = "25";
    std::vector<Member> members;
    try {
        members = members_of(options, {0, "headway"});
    } catch (const Failure&) {
        GTEST_SKIP() << "the shim is not built here";
    }
    ASSERT_EQ(members.size(), 3U);
    const nlohmann::json& high = members[0].job.at("environment");
    EXPECT_EQ(high.at("HEADWAY_PRIORITY"), "10");
    EXPECT_EQ(high.at("HEADWAY_NAME"), "bench-high");
    EXPECT_EQ(high.at("HEADWAY_TIMESLICE_US"), "25");
    EXPECT_TRUE(high.at("HEADWAY_LINGER_US").is_null());
    const nlohmann::json& low = members[2].job.at("environment");
    EXPECT_EQ(low.at("HEADWAY_PRIORITY"), "1");
    EXPECT_EQ(low.at("HEADWAY_NAME"), "bench-low-2");
    EXPECT_NE(members[2].job.at("preload").get<std::string>().find("libheadway_cuda.so"),
              std::string::npos);
    for (const Member& member : members_of(options, {0, "time-slicing"})) {
        EXPECT_FALSE(member.job.contains("preload"));
        EXPECT_FALSE(member.job.contains("environment"));
    }
}

}  // namespace
}  // namespace headway::bench
