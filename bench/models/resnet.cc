#include "bench/models/resnet.h"

#include <array>
#include <utility>

namespace headway::bench {
namespace {

namespace nn = torch::nn;

constexpr std::int64_t kClasses = 1000;
constexpr std::int64_t kStemChannels = 64;

struct Layout {
    std::array<int, 4> blocks;  // per stage
    bool bottleneck;
    std::int64_t expansion;  // a block's output channels over its stage's width
};

Layout layout_of(Architecture architecture) {
    if (architecture == Architecture::kResNet18) return {{2, 2, 2, 2}, false, 1};
    return {{3, 4, 6, 3}, true, 4};
}

nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    return nn::Conv2d(
        nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

void add_conv_norm(nn::Sequential& layers, nn::Conv2d convolution) {
    const std::int64_t channels = convolution->options.out_channels();
    layers->push_back(std::move(convolution));
    layers->push_back(nn::BatchNorm2d(channels));
}

void add_relu(nn::Sequential& layers) {
    layers->push_back(nn::ReLU(nn::ReLUOptions().inplace(true)));
}

// relu(body(x) + shortcut(x)), where an absent shortcut is the identity.
class ResidualImpl : public nn::Module {
 public:
    ResidualImpl(nn::Sequential body, nn::Sequential shortcut)
        : body_(register_module("body", std::move(body))),
          shortcut_(register_module("shortcut", std::move(shortcut))) {}

    torch::Tensor forward(torch::Tensor x) {
        torch::Tensor sum = body_->forward(x);
        sum += shortcut_->is_empty() ? x : shortcut_->forward(x);
        return sum.relu_();
    }

 private:
    nn::Sequential body_;
    nn::Sequential shortcut_;
};

TORCH_MODULE(Residual);

Residual residual(const Layout& layout, std::int64_t in, std::int64_t width, std::int64_t stride) {
    const std::int64_t out = width * layout.expansion;
    nn::Sequential body;
    if (layout.bottleneck) {
        add_conv_norm(body, conv(in, width, 1, 1));
        add_relu(body);
        add_conv_norm(body, conv(width, width, 3, stride));
        add_relu(body);
        add_conv_norm(body, conv(width, out, 1, 1));
    } else {
        add_conv_norm(body, conv(in, width, 3, stride));
        add_relu(body);
        add_conv_norm(body, conv(width, out, 3, 1));
    }
    nn::Sequential shortcut;
    if (stride != 1 || in != out) add_conv_norm(shortcut, conv(in, out, 1, stride));
    return Residual(body, shortcut);
}

// torchvision's initialisation, so that activations keep a sane scale through the depth.
void initialise(nn::Module& module) {
    for (const auto& child : module.modules(false)) {
        if (auto* convolution = child->as<nn::Conv2d>()) {
            nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
        }
    }
}

}  // namespace

ResNetImpl::ResNetImpl(Architecture architecture) : classifier_(nullptr) {
    const Layout layout = layout_of(architecture);
    add_conv_norm(layers_, conv(3, kStemChannels, 7, 2));
    add_relu(layers_);
    layers_->push_back(nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).padding(1)));
    std::int64_t channels = kStemChannels;
    std::int64_t width = kStemChannels;
    for (const int blocks : layout.blocks) {
        for (int block = 0; block < blocks; ++block) {
            const bool halves_image = block == 0 && width != kStemChannels;
            layers_->push_back(residual(layout, channels, width, halves_image ? 2 : 1));
            channels = width * layout.expansion;
        }
        width *= 2;
    }
    layers_->push_back(nn::AdaptiveAvgPool2d(nn::AdaptiveAvgPool2dOptions(1)));
    layers_->push_back(nn::Flatten());
    register_module("layers", layers_);
    classifier_ = register_module("classifier", nn::Linear(channels, kClasses));
    initialise(*this);
}

torch::Tensor ResNetImpl::forward(torch::Tensor images) {
    return classifier_->forward(layers_->forward(images));
}

}  // namespace headway::bench
