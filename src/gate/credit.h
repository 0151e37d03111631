// Small launches that need no look at the window.
//
// While the window has room, a lane gets credit for half of it, and launches that fit into that pay
// with one compare-and-swap instead of a lock, a look at the clock and the window's books. What was
// spent is entered there at the next look. So the window may be exceeded by the credit, and no
// more.
#pragma once

#include <atomic>
#include <cstdint>

namespace headway::gate {

// Thread-safe: spend() by any thread, grant() and take() by one at a time.
class Credit {
 public:
    struct Spent {
        std::uint64_t ns = 0;
        std::uint32_t launches = 0;
        std::uint64_t since_ns = 0;  // when the credit was granted
    };

    // Whether credit is out: granted, and not taken back. By who may grant and take.
    bool out() const noexcept { return granted_ns_ != 0; }

    // False: spend() would refuse any launch. By any thread.
    bool any() const noexcept { return word_.load(std::memory_order_relaxed) != 0; }

    // Pays for a launch. False: not enough is left, or the cost is not known (0).
    bool spend(std::uint64_t cost_ns) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        do {
            if (cost_ns == 0 || cost_ns > word >> kLaunchBits || (word & kLaunchesMost) == 0) {
                return false;
            }
            // Relaxed: only the number itself is shared.
        } while (!word_.compare_exchange_weak(
            word, word - (cost_ns << kLaunchBits) - 1, std::memory_order_relaxed));
        return true;
    }

    // Work of up to `ns`, below 2^48. Only after take().
    void grant(std::uint64_t ns, std::uint64_t now_ns) noexcept {
        granted_ns_ = ns;
        since_ns_ = now_ns;
        word_.store(ns << kLaunchBits | kLaunchesMost, std::memory_order_relaxed);
    }

    // Ends the credit; returns what was spent of it.
    Spent take() noexcept {
        if (!out()) return {};
        const std::uint64_t left = word_.exchange(0, std::memory_order_relaxed);
        const std::uint64_t granted = granted_ns_;
        granted_ns_ = 0;
        return {granted - (left >> kLaunchBits),
                static_cast<std::uint32_t>(kLaunchesMost - (left & kLaunchesMost)),
                since_ns_};
    }

 private:
    static constexpr unsigned kLaunchBits = 16;
    static constexpr std::uint64_t kLaunchesMost = (1U << kLaunchBits) - 1;

    std::atomic<std::uint64_t> word_{0};  // nanoseconds left, then launches left
    std::uint64_t granted_ns_ = 0;        // 0: no credit is out
    std::uint64_t since_ns_ = 0;
};

}  // namespace headway::gate
