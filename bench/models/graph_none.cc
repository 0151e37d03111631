#include "bench/failure.h"
#include "bench/models/graph.h"

namespace headway::bench {

bool can_capture() noexcept {
    return false;
}

std::unique_ptr<Graph> capture(const std::function<void()>&) {
    throw Failure("this program was built with a LibTorch without CUDA, which has no graphs");
}

}  // namespace headway::bench
