#include "bench/models/products.h"

#include <cmath>
#include <utility>

namespace headway::bench {

ProductsImpl::ProductsImpl(std::int64_t side, int count)
    : count_(count),
      factor_(register_parameter(
          "factor", torch::randn({side, side}) / std::sqrt(static_cast<double>(side)), false)) {}

torch::Tensor ProductsImpl::forward(torch::Tensor matrix) {
    for (int i = 0; i < count_; ++i)
        matrix = torch::mm(matrix, factor_);
    return matrix;
}

}  // namespace headway::bench
