// How much later than its first launch a request's work may begin without its end being any later.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace headway::gate {

// A model that is launched kernel by kernel keeps its host busy for longer than the device: on an
// H200, ResNet-18 with one image takes 1.4 ms so, and 0.62 ms as one graph. Its program finds the
// work complete when it begins to wait, and would still do so if the device had begun a little
// later. Learned from just that: the leeway grows slowly while waits are short, and is halved by
// one that is not. Lock-free; threads may lose each other's updates, which only makes the learning
// slower.
class LeewayLearner {
 public:
    // A wait that is no longer than this is for the last kernels only.
    static constexpr std::uint64_t kShortWaitNs = 60 * kNsPerUs;

    // Of the time that a request takes to launch, the leeway is this part at most: so it is safe
    // from the first request on where the device needs up to three quarters of that time.
    static constexpr std::uint64_t kPart = 4;

    // A request took `launching_ns` from its first launch to its first wait for the device, and
    // that wait `waiting_ns`.
    void observe(std::uint64_t launching_ns, std::uint64_t waiting_ns) noexcept {
        const std::uint64_t old = leeway_ns_.load(std::memory_order_relaxed);
        const std::uint64_t longer = old + old / 8 + 5 * kNsPerUs;
        leeway_ns_.store(
            waiting_ns <= kShortWaitNs ? std::min(longer, launching_ns / kPart) : old / 2,
            std::memory_order_relaxed);
    }

    std::uint64_t leeway_ns() const noexcept { return leeway_ns_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> leeway_ns_{0};
};

}  // namespace headway::gate
