// A chain of matrix products, as a model. Includes torch: for model.cc only.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace headway::bench {

// Multiplies a square matrix by the same random one again and again: every product is one operator
// of 2 x side^3 floating-point operations and needs the one before.
class ProductsImpl : public torch::nn::Module {
 public:
    // The factor is drawn from torch's default generator, scaled so that results keep their size.
    ProductsImpl(std::int64_t side, int count);

    // `matrix` is side x side.
    torch::Tensor forward(torch::Tensor matrix);

 private:
    int count_;
    torch::Tensor factor_;
};

TORCH_MODULE(Products);

}  // namespace headway::bench
