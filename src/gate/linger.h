// How long a lane still counts as busy after its last activity.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace headway::gate {

// Learns the gaps between two pieces of work of one request: too short a linger lets a lower lane
// in between two operators, too long a one wastes the device after each request. Lock-free; threads
// that share a lane may lose each other's updates, which only makes the learning slower.
class LingerLearner {
 public:
    static constexpr std::uint64_t kMinNs = 50 * kNsPerUs;
    static constexpr std::uint64_t kMaxNs = 2 * kNsPerMs;

    // A gap longer than this is the pause between two requests, and no reason to linger.
    static constexpr std::uint64_t kRequestGapNs = kMaxNs;

    // The time between the end of one piece of work and the start of the next.
    void observe(std::uint64_t gap_ns) noexcept {
        if (gap_ns > kRequestGapNs) return;
        const std::uint64_t high = high_gap_ns_.load(std::memory_order_relaxed);
        // Follows the long gaps quickly and forgets them slowly: an upper quantile without a
        // histogram.
        const std::uint64_t next =
            gap_ns > high ? high + (gap_ns - high + 3) / 4 : high - (high - gap_ns) / 256;
        high_gap_ns_.store(next, std::memory_order_relaxed);
    }

    // Between kMinNs and kMaxNs; twice the long gaps, because a missed gap costs high latency and a
    // linger that is too long costs only a little of the lower lanes' throughput.
    std::uint64_t linger_ns() const noexcept {
        return std::clamp(2 * high_gap_ns_.load(std::memory_order_relaxed), kMinNs, kMaxNs);
    }

 private:
    // Starts careful: half the longest linger, until gaps have been seen.
    std::atomic<std::uint64_t> high_gap_ns_{kMaxNs / 4};
};

}  // namespace headway::gate
