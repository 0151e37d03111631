// ResNet-18 and ResNet-50 as torchvision lays them out ("v1.5": a bottleneck's stride sits on its
// 3x3 convolution), as LibTorch modules. Includes torch: only files of this folder may use it.
#pragma once

#include "bench/models/model.h"

#include <torch/torch.h>

namespace headway::bench {

class ResNetImpl : public torch::nn::Module {
 public:
    // Random weights, drawn from torch's default generator in a fixed order. kResNet18 or
    // kResNet50.
    explicit ResNetImpl(Architecture architecture);

    // `images` is N x 3 x H x W; returns N x 1000 logits.
    torch::Tensor forward(torch::Tensor images);

 private:
    torch::nn::Sequential layers_;
    torch::nn::Linear classifier_;
};

TORCH_MODULE(ResNet);

}  // namespace headway::bench
