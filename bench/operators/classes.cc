#include "bench/operators/classes.h"

#include <array>

namespace headway::bench {
namespace {

constexpr std::string_view kOther = "other";

// The first part that a name contains decides.
struct Part {
    std::string_view part;
    std::string_view operator_class;
};

constexpr std::array<Part, 8> kParts = {{{"conv", "convolution"},
                                         {"batch_norm", "batch norm"},
                                         {"relu", "activation"},
                                         {"pool", "pooling"},
                                         {"linear", "matrix product"},
                                         {"matmul", "matrix product"},
                                         {"mm", "matrix product"},
                                         {"add", "addition"}}};

}  // namespace

const std::vector<std::string_view>& operator_classes() {
    static const std::vector<std::string_view> classes = {
        "convolution", "matrix product", "batch norm", "activation", "addition", "pooling", kOther};
    return classes;
}

std::string_view class_of_operator(std::string_view name) {
    for (const Part& part : kParts) {
        if (name.find(part.part) != std::string_view::npos) return part.operator_class;
    }
    return kOther;
}

}  // namespace headway::bench
