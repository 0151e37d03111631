// headway-bench operators: classes, and what they say of a pass.
#include "bench/operators/classes.h"
#include "bench/operators/summary.h"

#include <gtest/gtest.h>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

double median_of(const Json& summary, const char* name) {
    return summary.at(name).at("median").get<double>();
}

TEST(OperatorClasses, GoByTheName) {
    EXPECT_EQ(class_of_operator("aten::conv2d"), "convolution");
    EXPECT_EQ(class_of_operator("aten::batch_norm"), "batch norm");
    EXPECT_EQ(class_of_operator("aten::relu_"), "activation");
    EXPECT_EQ(class_of_operator("aten::add_"), "addition");
    EXPECT_EQ(class_of_operator("aten::addmm"), "matrix product");
    EXPECT_EQ(class_of_operator("aten::adaptive_avg_pool2d"), "pooling");
    EXPECT_EQ(class_of_operator("aten::flatten"), "other");
    EXPECT_EQ(class_of_operator(""), "other");
}

TEST(OperatorsSummary, AWaitIsHalfOfWhatRunsWhenTheRequestComes) {
    // 10 ms: for 6 + 2 of them a convolution runs, of which 3 or 1 ms are left on average.
    const std::vector<OperatorTime> pass = {
        {"aten::conv2d", 6}, {"aten::relu_", 2}, {"aten::conv2d", 2}};
    const Json entries = entries_of_pass(pass, 3);
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].at("name"), "convolution");
    EXPECT_EQ(entries[0].at("repeat"), 3);
    EXPECT_EQ(entries[0].at("high").at("requests"), 2);
    EXPECT_DOUBLE_EQ(entries[0].at("operators").at("total_ms").get<double>(), 8);
    EXPECT_DOUBLE_EQ(entries[0].at("operators").at("wait_ms").get<double>(), 0.6 * 3 + 0.2 * 1);
    const Json summary = summarise_operators(entries, 1);
    EXPECT_DOUBLE_EQ(median_of(summary, "pass_ms"), 10);
    EXPECT_DOUBLE_EQ(median_of(summary, "longest_ms"), 6);
    EXPECT_DOUBLE_EQ(median_of(summary, "wait_ms"), 2.2);
    EXPECT_DOUBLE_EQ(median_of(summary, "convolution_share"), 0.8);
    EXPECT_DOUBLE_EQ(median_of(summary, "activation_wait_share"), 0.2 / 2.2);
    EXPECT_FALSE(summary.contains("pooling_share"));
}

TEST(OperatorsSummary, NothingSaysNothing) {
    EXPECT_TRUE(entries_of_pass({}, 0).empty());
    EXPECT_TRUE(entries_of_pass({{"aten::conv2d", 0}}, 0).empty());
    EXPECT_TRUE(summarise_operators(Json::array(), 1).empty());
}

}  // namespace
}  // namespace headway::bench
