// Launches that could not be entered into their lane's books, because the lock was not to be had: a
// guest does not wait for a thread that was interrupted while it holds it. They were charged to the
// window before, and are taken off it at its next look; otherwise it would count them as unfinished
// until the program is seen to have waited for everything.
#pragma once

#include <atomic>
#include <cstdint>

namespace headway::gate {

// Thread-safe: add() by any thread, take() by one at a time.
class LostCharges {
 public:
    struct Sum {
        std::uint64_t ns = 0;
        std::uint32_t launches = 0;
        std::uint32_t big_launches = 0;
    };

    void add(std::uint64_t predicted_ns, bool big) noexcept {
        ns_.fetch_add(predicted_ns, std::memory_order_relaxed);
        if (big) big_launches_.fetch_add(1, std::memory_order_relaxed);
        // Release; pairs with take().
        launches_.fetch_add(1, std::memory_order_release);
    }

    bool any() const noexcept { return launches_.load(std::memory_order_relaxed) != 0; }

    // Of a launch that is being added, some may be taken now and the rest the next time.
    Sum take() noexcept {
        Sum sum;
        sum.launches = launches_.exchange(0, std::memory_order_acquire);
        sum.big_launches = big_launches_.exchange(0, std::memory_order_relaxed);
        sum.ns = ns_.exchange(0, std::memory_order_relaxed);
        return sum;
    }

 private:
    std::atomic<std::uint64_t> ns_{0};
    std::atomic<std::uint32_t> launches_{0};
    std::atomic<std::uint32_t> big_launches_{0};
};

}  // namespace headway::gate
