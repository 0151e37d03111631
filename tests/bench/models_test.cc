#include "bench/failure.h"
#include "bench/models/model.h"
#include "bench/models/operators.h"
#include "bench/process/device_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

ModelSpec spec(Architecture architecture, std::uint64_t seed = 1) {
    ModelSpec wanted;
    wanted.architecture = architecture;
    wanted.seed = seed;
    return wanted;
}

std::string hash_of(const ModelSpec& wanted) {
    Model model(wanted);
    model.run();
    return model.output_sha256();
}

TEST(Models, HaveTorchvisionsParameters) {
    EXPECT_EQ(Model(spec(Architecture::kResNet18)).parameters(), 11'689'512);
    EXPECT_EQ(Model(spec(Architecture::kResNet50)).parameters(), 25'557'032);
}

TEST(Models, OutputsDependOnTheSeedAlone) {
    const std::string first = hash_of(spec(Architecture::kResNet18));
    EXPECT_EQ(hash_of(spec(Architecture::kResNet18)), first);
    EXPECT_NE(hash_of(spec(Architecture::kResNet18, 2)), first);
    EXPECT_EQ(first.size(), 64U);
}

TEST(Models, MatrixProductsAreAModelToo) {
    ModelSpec wanted = spec(Architecture::kProducts);
    wanted.side = 48;
    wanted.products = 30;
    EXPECT_EQ(Model(wanted).parameters(), 48 * 48);
    const std::string first = hash_of(wanted);
    EXPECT_EQ(hash_of(wanted), first);
    wanted.products = 31;
    EXPECT_NE(hash_of(wanted), first);
}

TEST(Models, EveryPassGivesTheSameOutput) {
    Model model(spec(Architecture::kResNet50));
    const std::string first = model.output_sha256();
    model.run();
    EXPECT_EQ(model.output_sha256(), first);
}

TEST(Models, OperatorsAreTimedOneByOne) {
    Model model(spec(Architecture::kResNet18));
    model.bind_thread();
    std::vector<OperatorTime> operators = time_operators(model, "cpu");
    const auto count = [&](const std::string& name) {
        return std::count_if(operators.begin(), operators.end(), [&](const OperatorTime& one) {
            return one.name == name;
        });
    };
    EXPECT_EQ(count("aten::conv2d"), 20);
    EXPECT_EQ(count("aten::batch_norm"), 20);
    EXPECT_EQ(count("aten::convolution"), 0);  // it is inside conv2d
    EXPECT_EQ(count("aten::linear") + count("aten::addmm"), 1);  // as the version calls it
    for (const OperatorTime& one : operators)
        EXPECT_GT(one.ms, 0) << one.name;
    const std::size_t first = operators.size();
    operators = time_operators(model, "cpu");  // and once more, without what the first one left
    EXPECT_EQ(operators.size(), first);
}

TEST(Models, RunInBfloat16) {
    ModelSpec wanted = spec(Architecture::kResNet18);
    wanted.dtype = Dtype::kBf16;
    EXPECT_NE(hash_of(wanted), hash_of(spec(Architecture::kResNet18)));
}

TEST(Models, TooLargeABatchIsOutOfMemory) {
    ModelSpec wanted = spec(Architecture::kResNet18);
    wanted.batch = 1 << 30;  // 600 TB
    EXPECT_THROW(Model{wanted}, OutOfMemory);
}

TEST(Models, ADeviceThatIsNotThereIsAFailure) {
    ModelSpec wanted = spec(Architecture::kResNet18);
    wanted.device = "cuda:4095";
    EXPECT_THROW(Model{wanted}, Failure);
}

TEST(DeviceName, IsStrict) {
    EXPECT_EQ(gpu_index("cpu"), kNoGpu);
    EXPECT_EQ(gpu_index("cuda:0"), 0);
    EXPECT_EQ(gpu_index("cuda:12"), 12);
    for (const char* text :
         {"", "cuda", "cuda:", "cuda:-1", "cuda:0x", "CPU", "cpu:0", "cuda: 1"}) {
        EXPECT_EQ(gpu_index(text), kNotADevice) << text;
    }
}

}  // namespace
}  // namespace headway::bench
