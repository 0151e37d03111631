// Built where LibTorch has CUDA. Uses only what LibTorch 1.13 and 2.11 have in common.
#include "bench/models/graph.h"

#include <ATen/cuda/CUDAGraph.h>

namespace headway::bench {
namespace {

class CudaGraph final : public Graph {
 public:
    void capture(const std::function<void()>& body) {
        graph_.capture_begin();
        body();
        graph_.capture_end();
    }

    void replay() override { graph_.replay(); }

 private:
    at::cuda::CUDAGraph graph_;
};

}  // namespace

bool can_capture() noexcept {
    return true;
}

std::unique_ptr<Graph> capture(const std::function<void()>& body) {
    auto graph = std::make_unique<CudaGraph>();
    graph->capture(body);
    return graph;
}

}  // namespace headway::bench
