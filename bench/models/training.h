// Training of a network by plain SGD on one fixed batch. Includes torch: for model.cc only.
#pragma once

#include "bench/models/resnet.h"

#include <torch/torch.h>

#include <cstddef>
#include <vector>

namespace headway::bench {

// Used by one thread at a time. Puts the network into training mode: batch norm takes the
// statistics of the batch and updates its running ones.
class Training {
 public:
    // The labels are random numbers from torch's default generator.
    Training(ResNet network, std::int64_t batch, torch::Device device);

    // One step: forward, cross entropy, backward, update. Does not wait for a GPU. Returns the loss
    // before the update, a tensor of one number on the device.
    torch::Tensor step(const torch::Tensor& images);

    // The losses of the first steps, at most `kLossesMax`. Waits for them.
    static constexpr std::size_t kLossesMax = 10;
    std::vector<double> losses() const;

 private:
    ResNet network_;
    torch::Tensor labels_;
    torch::optim::SGD optimizer_;
    std::vector<torch::Tensor> losses_;
};

}  // namespace headway::bench
