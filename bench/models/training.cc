#include "bench/models/training.h"

#include <utility>

namespace headway::bench {
namespace {

constexpr double kLearningRate = 0.01;
constexpr double kMomentum = 0.9;

torch::Tensor random_labels(std::int64_t batch, torch::Device device) {
    constexpr std::int64_t kClasses = 1000;
    return torch::randint(kClasses, {batch}, torch::kLong).to(device);
}

}  // namespace

Training::Training(ResNet network, std::int64_t batch, torch::Device device)
    : network_(std::move(network)),
      labels_(random_labels(batch, device)),
      optimizer_(network_->parameters(),
                 torch::optim::SGDOptions(kLearningRate).momentum(kMomentum)) {
    network_->train();
}

torch::Tensor Training::step(const torch::Tensor& images) {
    optimizer_.zero_grad();
    const torch::Tensor logits = network_->forward(images).to(torch::kFloat32);
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits, labels_);
    loss.backward();
    optimizer_.step();
    torch::Tensor result = loss.detach();
    if (losses_.size() < kLossesMax) losses_.push_back(result);
    return result;
}

std::vector<double> Training::losses() const {
    std::vector<double> numbers;
    for (const torch::Tensor& loss : losses_)
        numbers.push_back(loss.item<double>());
    return numbers;
}

}  // namespace headway::bench
