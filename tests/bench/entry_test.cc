#include "bench/two_models/entry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

Json low_side(double images_per_s, const char* hash, std::uint64_t held) {
    return {{"high", false},
            {"numbers",
             {{"iterations", 10U},
              {"iterations_per_s", images_per_s / 4},
              {"images_per_s", images_per_s},
              {"batch", 4}}},
            {"output_name", "resnet50 b4"},
            {"output_sha256", hash},
            {"counters", {{"held", held}, {"gated", 100U}}}};
}

Json result_of(const Json& side, double used, double free) {
    return {{"sides", {side}}, {"memory", {{"used", used}, {"free", free}}}};
}

TEST(Entry, OneLowModelIsItself) {
    const Json entry = entry_of({2, "low-alone"}, "cpu", {result_of(low_side(8, "aa", 3), 100, 9)});
    EXPECT_EQ(entry.at("name"), "low-alone");
    EXPECT_EQ(entry.at("repeat"), 2);
    EXPECT_EQ(entry.at("low").at("images_per_s"), 8.0);
    EXPECT_FALSE(entry.at("low").contains("each"));
    EXPECT_FALSE(entry.contains("high"));
    EXPECT_EQ(entry.at("counters").at("low").at("held"), 3);
    EXPECT_EQ(entry.at("output_sha256").at("resnet50 b4"), "aa");
}

TEST(Entry, SeveralLowModelsAreAddedUp) {
    const std::vector<Json> results = {result_of(low_side(8, "aa", 3), 100, 9),
                                       result_of(low_side(6, "aa", 4), 50, 7)};
    const Json entry = entry_of({0, "headway"}, "cpu", results);
    EXPECT_EQ(entry.at("low").at("images_per_s"), 14.0);
    EXPECT_EQ(entry.at("low").at("iterations"), 20);
    EXPECT_EQ(entry.at("low").at("batch"), 4);
    EXPECT_EQ(entry.at("low").at("each").at(1).at("images_per_s"), 6.0);
    EXPECT_EQ(entry.at("low").at("each").at(1).at("counters").at("held"), 4);
    EXPECT_EQ(entry.at("counters").at("low").at("held"), 7);
    EXPECT_EQ(entry.at("output_sha256").at("resnet50 b4"), "aa");
}

TEST(Entry, ProcessesAddUpTheirMemoryButShareAGpu) {
    const std::vector<Json> results = {result_of(low_side(8, "aa", 3), 100, 9),
                                       result_of(low_side(6, "aa", 4), 50, 7)};
    const Json on_cpu = entry_of({0, "headway"}, "cpu", results);
    EXPECT_EQ(on_cpu.at("memory_mib"), Json({{"used", 150.0}, {"free", 7.0}}));
    const Json on_gpu = entry_of({0, "headway"}, "cuda:0", results);
    EXPECT_EQ(on_gpu.at("memory_mib"), Json({{"used", 100.0}, {"free", 7.0}}));
}

TEST(Entry, DifferentOutputsOfEqualModelsEqualNoOther) {
    const std::vector<Json> results = {result_of(low_side(8, "aa", 3), 100, 9),
                                       result_of(low_side(6, "bb", 4), 50, 7)};
    const Json entry = entry_of({0, "headway"}, "cpu", results);
    EXPECT_EQ(entry.at("output_sha256").at("resnet50 b4"), "aa and bb");
}

TEST(Entry, ALaneThatWasNotThereHasNoCounters) {
    Json side = low_side(8, "aa", 3);
    side["counters"] = nullptr;
    const Json entry = entry_of({0, "headway"}, "cuda:0", {result_of(side, 1, 2)});
    EXPECT_FALSE(entry.contains("counters"));
}

}  // namespace
}  // namespace headway::bench
