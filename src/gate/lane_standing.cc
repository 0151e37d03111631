// Where this process stands among those that use the device, and what the device is told of it.
#include "base/clock.h"
#include "gate/lane.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace headway::gate {

namespace {

// After a very long launch more of the kind are taken to follow for this long.
constexpr std::uint64_t kLongMemoryNs = 5 * kNsPerS;

// A request that was expected this long ago says that it is not known when the next one comes.
constexpr std::uint64_t kOverdueMostNs = kNsPerS;

}  // namespace

// Whether another process's lanes outrank all of this one's, and no peer shares the device with it
// by timeslices, of which short ones would leave the two little but the switches. Peers that use
// the device in shifts are not on it together.
bool Lane::process_is_outranked(std::uint64_t others) const noexcept {
    const ProcessWord process = slot().owner.load(std::memory_order_relaxed);
    std::int32_t best_here = priority_.load(std::memory_order_relaxed);
    std::int32_t best_elsewhere = INT32_MIN;
    const auto each = [&](const auto& visit) {
        for (std::uint64_t rest = others; rest != 0; rest &= rest - 1) {
            const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
            const board::LaneSlot& other = board_.slot(index);
            const bool here = other.owner.load(std::memory_order_relaxed) == process;
            visit(here, other.priority.load(std::memory_order_relaxed));
        }
    };
    each([&](bool here, std::int32_t priority) {
        std::int32_t& best = here ? best_here : best_elsewhere;
        best = std::max(best, priority);
    });
    bool has_peer = false;
    each([&](bool here, std::int32_t priority) {
        has_peer = has_peer || (!here && priority == best_here);
    });
    return policy_->is_rival(best_here, best_elsewhere) &&
           (!has_peer || device_.one_process_at_a_time());
}

// Whether no other lane of this process is on the board.
bool Lane::is_sole_here(std::uint64_t others) const noexcept {
    const ProcessWord process = slot().owner.load(std::memory_order_relaxed);
    for (std::uint64_t rest = others; rest != 0; rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        if (board_.slot(index).owner.load(std::memory_order_relaxed) == process) return false;
    }
    return true;
}

// Whether a request may find work on the device that takes long to end: very long kernels, or any,
// where it is not known when the request comes.
bool Lane::is_in_the_way(std::uint64_t now_ns) const noexcept {
    // What the other lanes of the process launch is not known here.
    if (!sole_here_.load(std::memory_order_relaxed)) return true;
    const std::uint64_t long_ns = last_long_ns_.load(std::memory_order_relaxed);
    if (long_ns != 0 && now_ns - std::min(now_ns, long_ns) < kLongMemoryNs) return true;
    std::uint64_t rest = rivals_.load(std::memory_order_relaxed);
    for (; rest != 0; rest &= rest - 1) {
        const board::LaneSlot& rival =
            board_.slot(static_cast<std::uint32_t>(std::countr_zero(rest)));
        const std::uint64_t expected_ns = rival.expected_ns.load(std::memory_order_relaxed);
        const std::uint64_t overdue_ns = now_ns - std::min(now_ns, expected_ns);
        if (expected_ns == 0 || overdue_ns > kOverdueMostNs) return true;
    }
    return false;
}

// Two threads may both come here, with the same to say.
void Lane::tell_standing(bool in_the_way) noexcept {
    using Standing = device::Device::Standing;
    const bool outranked = outranked_.load(std::memory_order_relaxed);
    const Standing standing = !outranked   ? Standing::kFree
                              : in_the_way ? Standing::kInTheWay
                                           : Standing::kOutranked;
    in_the_way_.store(in_the_way, std::memory_order_relaxed);
    slot().timeslice_us.store(device_.give_way(standing), std::memory_order_relaxed);
}

}  // namespace headway::gate
