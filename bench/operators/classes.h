// The classes of operators that `headway-bench operators` tells apart.
#pragma once

#include <string_view>
#include <vector>

namespace headway::bench {

// "convolution", "batch norm", ..., "other": in the order of the tables.
const std::vector<std::string_view>& operator_classes();

// The class of an operator, by its name: "aten::conv2d" is a "convolution".
std::string_view class_of_operator(std::string_view name);

}  // namespace headway::bench
