// A neural network of the benchmark, on a device, with its fixed input: everything that the rest of
// the benchmark knows of LibTorch. Free of torch headers, which take 20 s to compile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headway::bench {

enum class Architecture {
    kResNet18,
    kResNet50,
    kProducts,  // a chain of matrix products
};
enum class Dtype { kFp32, kFp16, kBf16 };
enum class Task { kInference, kTraining };
enum class StreamKind { kDefault, kPool, kPoolHighPriority };

// "resnet18", "resnet50" or "products".
const char* architecture_name(Architecture architecture) noexcept;

// Parameters of the torchvision model of that name, 0 for kProducts; Model checks its own count
// against it.
std::int64_t expected_parameters(Architecture architecture) noexcept;

// Which of a GPU's multiprocessors a model's kernels run on.
struct Processors {
    int percent = 0;    // so many, in a green context; 0: all, outside of any
    bool rest = false;  // those that this percentage leaves
};

struct ModelSpec {
    Architecture architecture = Architecture::kResNet18;
    std::string device = "cpu";  // "cpu" or "cuda:N"
    Dtype dtype = Dtype::kFp32;
    Task task = Task::kInference;
    int batch = 1;     // images; without meaning for kProducts
    int side = 0;      // kProducts: of the square matrices
    int products = 0;  // kProducts: in one pass
    int threads = 1;   // ATen threads on a CPU
    StreamKind stream = StreamKind::kDefault;
    Processors processors{};  // GPU; part of them: on a stream of their own, whatever `stream` says
    bool graph = false;       // GPU: capture the pass once as a CUDA graph and replay it
    std::uint64_t seed = 1;
};

// One model: in eval mode without gradients, or being trained by SGD. Weights, input and labels are
// random numbers that depend on the seed and the architecture alone. Not thread-safe: run it on one
// thread at a time.
// Every member function may throw OutOfMemory, or Failure for anything else that LibTorch reports.
class Model {
 public:
    // Loads the model, checks its parameter count and that one pass gives finite numbers. Seconds.
    explicit Model(const ModelSpec& spec);
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    // Makes the calling thread fit to run this model: its ATen threads, its stream. Call it once on
    // every thread, before run().
    void bind_thread();

    // Starts one pass of the fixed input: forward, or a whole step of training. On a CPU it has
    // ended when this returns; on a GPU it is in the stream. With spec.graph the input is copied to
    // where the graph reads it, and the graph is replayed in that stream.
    void run();

    // Blocks until at most `unfinished_max` of the passes started are unfinished.
    void wait(std::size_t unfinished_max);

    // Lower-case hex SHA-256 of the last pass's output bytes. Waits for it.
    std::string output_sha256();

    // In training: the losses of the first steps since the model was loaded, at most 10; else
    // empty. Waits for them.
    std::vector<double> losses() const;

    std::int64_t parameters() const noexcept;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

// Process-wide settings, before the first model: the allocator (see the .cc), and whether a GPU's
// convolutions may use TF32, as PyTorch lets them. Its matrix products do not, as in PyTorch.
// Source: torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32.
void prepare_torch(bool tf32_convolutions);

// After prepare_torch(): matrix products use TF32, too.
void allow_tf32_products();

// LibTorch's version, for example "1.13.1".
std::string torch_version();

// GPUs that this LibTorch can use; 0 where it was built without CUDA.
int torch_gpu_count();

// Whether this program was built with CUDA graphs.
bool graphs_available() noexcept;

// Occupies memory of the device until the process ends, so that `leave_mib` are left. For tests of
// the out-of-memory path on a GPU; Failure on a CPU device.
void occupy_gpu_memory(const std::string& device, std::int64_t leave_mib);

}  // namespace headway::bench
