#include "bench/two_models/equality.h"

#include <gtest/gtest.h>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

Json trained(const Json& losses) {
    return {{"low", {{"batch", 4}, {"losses", losses}}}};
}

TEST(Equality, HashesOfOneNameMustBeTheSame) {
    Json scenarios = {{{"output_sha256", {{"a", "11"}, {"b", "22"}}}},
                      {{"output_sha256", {{"a", "11"}}}},
                      Json::object()};
    EXPECT_TRUE(outputs_equal(scenarios));
    scenarios[1]["output_sha256"]["a"] = "33";
    EXPECT_FALSE(outputs_equal(scenarios));
}

TEST(Equality, LossesOfTheSameStepMayDifferByOnePerCent) {
    EXPECT_TRUE(outputs_equal({trained({7.0, 6.5, 6.0}), trained({7.0, 6.51})}));
    EXPECT_FALSE(outputs_equal({trained({7.0, 6.5}), trained({7.0, 6.6})}));
    EXPECT_FALSE(outputs_equal({trained({7.0, 6.5}), trained({6.5, 6.0})}));  // a step ahead
}

TEST(Equality, ALossThatIsNoNumberEqualsNothing) {
    EXPECT_FALSE(outputs_equal({trained({7.0, nullptr}), trained({7.0, nullptr})}));
}

TEST(Equality, AnotherBatchIsOtherWork) {
    Json smaller = trained({9.0});
    smaller["low"]["batch"] = 2;
    EXPECT_TRUE(outputs_equal({trained({7.0}), smaller}));
}

TEST(Equality, EachOfSeveralLowModelsCounts) {
    Json several = {{"low", {{"batch", 4}, {"each", {trained({7.0})["low"]}}}}};
    EXPECT_TRUE(outputs_equal({trained({7.0}), several}));
    several["low"]["each"].push_back(trained({8.0})["low"]);
    EXPECT_FALSE(outputs_equal({trained({7.0}), several}));
}

}  // namespace
}  // namespace headway::bench
