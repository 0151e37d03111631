// A piece of GPU work that is captured once and replayed. Free of torch and CUDA headers. Its
// source is graph_cuda.cc where LibTorch has CUDA, else graph_none.cc.
#pragma once

#include <functional>
#include <memory>

namespace headway::bench {

// Used by one thread at a time.
class Graph {
 public:
    virtual ~Graph() = default;

    // Puts the captured work into the calling thread's current stream. Does not wait for it.
    virtual void replay() = 0;
};

// Whether there is a source for capture() in this build.
bool can_capture() noexcept;

// Captures what `body` puts into the calling thread's current stream, which must not be the default
// one. What `body` allocates stays allocated as long as the graph. No other thread may use the GPU
// meanwhile. Throws what `body` or LibTorch throws.
std::unique_ptr<Graph> capture(const std::function<void()>& body);

}  // namespace headway::bench
