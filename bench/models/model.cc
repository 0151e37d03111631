#include "bench/models/model.h"

#include "bench/failure.h"
#include "bench/models/resnet.h"
#include "bench/process/cuda_driver.h"
#include "bench/result/sha256.h"

#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <array>
#include <deque>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace headway::bench {
namespace {

constexpr std::int64_t kImageSide = 224;

// LibTorch, its allocators and the libraries below it say "out of memory" in many ways.
bool means_out_of_memory(std::string_view text) {
    constexpr std::array<std::string_view, 6> kPhrases = {"out of memory",
                                                          "can't allocate memory",
                                                          "not enough memory",
                                                          "Cannot allocate memory",
                                                          "ALLOC_FAILED",
                                                          "bad_alloc"};
    for (const std::string_view phrase : kPhrases) {
        if (text.find(phrase) != std::string_view::npos) return true;
    }
    return false;
}

// The first line, without the "[enforce fail at FILE:LINE] condition. " that some messages begin
// with.
std::string first_line(std::string_view text) {
    std::string_view line = text.substr(0, text.find('\n'));
    if (const std::size_t end = line.find(". ");
        line.rfind("[enforce fail", 0) == 0 && end < line.size()) {
        line.remove_prefix(end + 2);
    }
    return std::string(line);
}

[[noreturn]] void throw_as_ours(const std::string& line) {
    if (means_out_of_memory(line)) throw OutOfMemory(line);
    const bool dtype_missing = line.find("not implemented for '") != std::string::npos;
    throw Failure(fmt::format(
        "LibTorch: {}{}", line, dtype_missing ? "; use --dtype fp32 or bf16 on this device" : ""));
}

// Runs `body` and turns whatever LibTorch throws into OutOfMemory or Failure.
template <typename Body>
auto translated(Body&& body) {
    try {
        return body();
    } catch (const Failure&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw OutOfMemory("out of memory");
    } catch (const c10::Error& error) {
        throw_as_ours(first_line(error.what_without_backtrace()));
    } catch (const std::exception& error) {
        throw_as_ours(first_line(error.what()));
    }
}

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
    torch::Tensor input;
    torch::Tensor output;
    std::optional<c10::Stream> stream;  // set on a GPU
    std::deque<c10::Event> unfinished;  // one per pass in the stream, oldest first
    std::int64_t parameters = 0;

    void load(const ModelSpec& spec);
    void check_finite() const;
};

void Model::State::load(const ModelSpec& spec) {
    device = torch::Device(spec.device);
    threads = spec.threads;
    torch::manual_seed(spec.seed);
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
    input = input.to(device, scalar_type(spec.dtype));
    if (device.is_cuda()) stream = choose_stream(device, spec.stream);
}

void Model::State::check_finite() const {
    if (torch::isfinite(output.to(torch::kFloat32)).all().item<bool>()) return;
    throw Failure("the model's outputs are not finite numbers in this dtype; use --dtype fp32");
}

Model::Model(const ModelSpec& spec) : state_(std::make_unique<State>()) {
    translated([&] {
        const c10::InferenceMode inference;
        at::set_num_threads(spec.threads);
        state_->load(spec);
    });
    bind_thread();
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
        const c10::InferenceMode inference;
        state_->output = state_->network->forward(state_->input);
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

std::int64_t Model::parameters() const noexcept {
    return state_->parameters;
}

const char* architecture_name(Architecture architecture) noexcept {
    return architecture == Architecture::kResNet18 ? "resnet18" : "resnet50";
}

std::int64_t expected_parameters(Architecture architecture) noexcept {
    return architecture == Architecture::kResNet18 ? 11'689'512 : 25'557'032;
}

void prepare_torch(bool allow_tf32) {
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
    at::globalContext().setAllowTF32CuDNN(allow_tf32);
    at::globalContext().setAllowTF32CuBLAS(allow_tf32);
}

std::string torch_version() {
    return TORCH_VERSION;
}

int torch_gpu_count() {
    return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
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
