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

// Whether more work tends to follow at once when a program has seen its work complete: a loop that
// looks at each result, as a model does that writes token by token. Then the lane lingers after a
// completion, too; else a lower lane would get in between any two tokens. Threads may lose each
// other's updates.
class ContinuationLearner {
 public:
    // A longer pause is worth more to the lower lanes than the next launch loses by their window.
    static constexpr std::uint64_t kMaxNs = 500 * kNsPerUs;

    // The first launch after a completion came after `gap_ns`.
    void observe(std::uint64_t gap_ns) noexcept {
        const std::uint32_t share = share_.load(std::memory_order_relaxed);
        if (gap_ns > kMaxNs) {
            share_.store(share - share / kMemory, std::memory_order_relaxed);
            return;
        }
        share_.store(share + (kAll - share) / kMemory, std::memory_order_relaxed);
        gaps_.observe(gap_ns);
    }

    // 0: nothing is expected to follow.
    std::uint64_t linger_ns() const noexcept {
        if (share_.load(std::memory_order_relaxed) < kMost) return 0;
        return std::min(gaps_.linger_ns(), kMaxNs);
    }

 private:
    static constexpr std::uint32_t kAll = 1U << 16;
    static constexpr std::uint32_t kMost = kAll / 8 * 5;  // requests of two steps stay below
    static constexpr std::uint32_t kMemory = 16;          // completions

    std::atomic<std::uint32_t> share_{0};  // of completions that were followed at once, of kAll
    LingerLearner gaps_;
};

}  // namespace headway::gate
