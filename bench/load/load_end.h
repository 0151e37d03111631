// How the models of a scenario stay under load together until each has what counts.
#pragma once

#include <atomic>
#include <functional>

namespace headway::bench {

struct LoadEnd {
    // Called once, by the model's own thread, when all its numbers are there.
    std::function<void()> measured;
    // True once every model has its numbers: until then each goes on, so that none is measured
    // without the others. Must outlive the load.
    const std::atomic<bool>& reached;
};

}  // namespace headway::bench
