#include "bench/models/model.h"

#include "bench/failure.h"
#include "bench/models/graph.h"
#include "bench/models/green_context.h"
#include "bench/models/products.h"
#include "bench/models/resnet.h"
#include "bench/models/training.h"
#include "bench/models/translate.h"
#include "bench/process/cuda_driver.h"
#include "bench/result/sha256.h"

#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <deque>
#include <optional>
#include <thread>
#include <utility>

namespace headway::bench {
namespace {

constexpr std::int64_t kImageSide = 224;

torch::ScalarType scalar_type(Dtype dtype) {
    switch (dtype) {
        case Dtype::kFp16:
            return torch::kFloat16;
        case Dtype::kBf16:
            return torch::kBFloat16;
        case Dtype::kFp32:
            break;
    }
    return torch::kFloat32;
}

// c10::Event has synchronize() from LibTorch 2.4 on; before that, asking again and again is all.
template <typename Event>
void wait_for(const Event& event) {
    if constexpr (requires { event.synchronize(); }) {
        event.synchronize();
    } else {
        while (!event.query())
            std::this_thread::yield();
    }
}

// The stream that a model runs on: c10's device-neutral interface, which needs no CUDA headers.
c10::Stream choose_stream(torch::Device device, StreamKind kind) {
    const c10::impl::VirtualGuardImpl guard(device.type());
    if (kind == StreamKind::kDefault) return guard.getDefaultStream(device);
    return guard.getStreamFromGlobalPool(device, kind == StreamKind::kPoolHighPriority);
}

}  // namespace

struct Model::State {
    torch::Device device{torch::kCPU};
    int threads = 1;
    ResNet network{nullptr};
    Products products{nullptr};  // instead of the network
    torch::Tensor input;
    torch::Tensor output;
    std::optional<c10::Stream> stream;  // set on a GPU
    std::deque<c10::Event> unfinished;  // one per pass in the stream, oldest first
    std::int64_t parameters = 0;
    std::optional<Training> training;  // instead of inference
    std::unique_ptr<Graph> graph;
    torch::Tensor graph_input;  // where the graph reads; its output goes to `output` each time

    void load(const ModelSpec& spec);
    void load_network(const ModelSpec& spec);
    void load_products(const ModelSpec& spec);
    torch::Tensor forward(const torch::Tensor& from);
    void check_finite() const;
    void pass();
    void capture_pass();
};

void Model::State::load_network(const ModelSpec& spec) {
    network = ResNet(spec.architecture);
    input = torch::randn({spec.batch, 3, kImageSide, kImageSide});
    for (const torch::Tensor& parameter : network->parameters())
        parameters += parameter.numel();
    if (parameters != expected_parameters(spec.architecture)) {
        throw Failure(fmt::format("{} has {} parameters instead of {}: this build is wrong",
                                  architecture_name(spec.architecture),
                                  parameters,
                                  expected_parameters(spec.architecture)));
    }
    network->eval();
    network->to(device, scalar_type(spec.dtype));
    if (spec.task == Task::kTraining) training.emplace(network, spec.batch, device);
}

void Model::State::load_products(const ModelSpec& spec) {
    products = Products(spec.side, spec.products);
    products->to(device, scalar_type(spec.dtype));
    input = torch::randn({spec.side, spec.side});
    parameters = std::int64_t{spec.side} * spec.side;
}

void Model::State::load(const ModelSpec& spec) {
    device = torch::Device(spec.device);
    threads = spec.threads;
    torch::manual_seed(spec.seed);
    if (spec.architecture == Architecture::kProducts) {
        load_products(spec);
    } else {
        load_network(spec);
    }
    input = input.to(device, scalar_type(spec.dtype));
    if (!device.is_cuda()) return;
    const Processors& processors = spec.processors;
    stream = processors.percent == 0
                 ? choose_stream(device, spec.stream)
                 : green_stream(device.index(), processors.percent, processors.rest);
}

torch::Tensor Model::State::forward(const torch::Tensor& from) {
    return products ? products->forward(from) : network->forward(from);
}

void Model::State::check_finite() const {
    if (torch::isfinite(output.to(torch::kFloat32)).all().item<bool>()) return;
    throw Failure("the model's outputs are not finite numbers in this dtype; use --dtype fp32");
}

// One pass into the current stream.
void Model::State::pass() {
    if (training) {
        output = training->step(input);
    } else if (graph) {
        graph_input.copy_(input, true);
        graph->replay();
    } else {
        output = forward(input);
    }
}

// As PyTorch advises: a few passes on a stream of its own first, so that libraries have their
// handles and workspaces there, then the capture on that stream. The graph can be replayed in any.
void Model::State::capture_pass() {
    const c10::InferenceMode inference;
    const c10::impl::VirtualGuardImpl guard(device.type());
    const c10::Stream side = choose_stream(device, StreamKind::kPool);
    const c10::Stream own = guard.exchangeStream(side);
    constexpr int kWarmUpPasses = 3;
    graph_input = input.clone();
    for (int i = 0; i < kWarmUpPasses; ++i)
        output = forward(graph_input);
    c10::Event warm(device.type());
    warm.record(side);
    wait_for(warm);
    output = torch::Tensor();
    graph = capture([this] { output = forward(graph_input); });
    guard.exchangeStream(own);
}

Model::Model(const ModelSpec& spec) : state_(std::make_unique<State>()) {
    translated([&] {
        const c10::InferenceMode inference(spec.task == Task::kInference);
        at::set_num_threads(spec.threads);
        state_->load(spec);
    });
    bind_thread();
    run();
    wait(0);
    translated([&] { state_->check_finite(); });
    if (!spec.graph) return;
    translated([&] { state_->capture_pass(); });
    run();
    wait(0);
    translated([&] { state_->check_finite(); });
}

Model::~Model() = default;

void Model::bind_thread() {
    translated([&] {
        at::set_num_threads(state_->threads);
        if (!state_->stream) return;
        const c10::impl::VirtualGuardImpl guard(state_->device.type());
        guard.setDevice(state_->device);
        guard.exchangeStream(*state_->stream);
    });
}

void Model::run() {
    translated([&] {
        const c10::InferenceMode inference(!state_->training);
        state_->pass();
        if (!state_->stream) return;
        state_->unfinished.emplace_back(state_->device.type());
        state_->unfinished.back().record(*state_->stream);
    });
}

void Model::wait(std::size_t unfinished_max) {
    translated([&] {
        while (state_->unfinished.size() > unfinished_max) {
            wait_for(state_->unfinished.front());
            state_->unfinished.pop_front();
        }
    });
}

std::string Model::output_sha256() {
    wait(0);
    return translated([&] {
        const torch::Tensor host = state_->output.to(torch::kCPU).contiguous();
        return sha256_hex(host.data_ptr(), host.nbytes());
    });
}

std::vector<double> Model::losses() const {
    return translated(
        [&] { return state_->training ? state_->training->losses() : std::vector<double>(); });
}

std::int64_t Model::parameters() const noexcept {
    return state_->parameters;
}

const char* architecture_name(Architecture architecture) noexcept {
    switch (architecture) {
        case Architecture::kResNet18:
            return "resnet18";
        case Architecture::kResNet50:
            return "resnet50";
        case Architecture::kProducts:
            break;
    }
    return "products";
}

std::int64_t expected_parameters(Architecture architecture) noexcept {
    switch (architecture) {
        case Architecture::kResNet18:
            return 11'689'512;
        case Architecture::kResNet50:
            return 25'557'032;
        case Architecture::kProducts:
            break;
    }
    return 0;
}

void prepare_torch(bool tf32_convolutions) {
    // glibc gives tensors of more than 128 KiB back to the kernel when they are freed, and every
    // operator then faults its output in again page by page. Keep the memory instead: never mmap a
    // tensor, never trim, and no per-thread arenas, whose 64 MiB heaps are unmapped when empty.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
    mallopt(M_ARENA_MAX, 1);
    // OpenBLAS takes a buffer of 128 MiB at its first product and tries for ever if it gets none:
    // take it before memory becomes short, so that running out of memory is an error and not a
    // standstill.
    translated([] {
        static_cast<void>(torch::mm(torch::ones({256, 256}), torch::ones({256, 256})));
    });
    at::globalContext().setAllowTF32CuDNN(tf32_convolutions);
    at::globalContext().setAllowTF32CuBLAS(false);
}

void allow_tf32_products() {
    at::globalContext().setAllowTF32CuBLAS(true);
}

std::string torch_version() {
    return TORCH_VERSION;
}

int torch_gpu_count() {
    return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

bool graphs_available() noexcept {
    return can_capture();
}

void occupy_gpu_memory(const std::string& device, std::int64_t leave_mib) {
    const auto memory = cuda_memory_bytes();
    if (!memory) throw Failure("--memory-cap-mib: the GPU's free memory is unknown");
    const std::int64_t take = static_cast<std::int64_t>(memory->first) - leave_mib * 1024 * 1024;
    if (take <= 0) return;
    translated([&] {
        static torch::Tensor ballast;
        ballast =
            torch::empty({take}, torch::TensorOptions(torch::kUInt8).device(torch::Device(device)));
    });
}

}  // namespace headway::bench
