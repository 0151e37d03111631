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

// A row of requests that was known this long ago may only have stumbled.
constexpr std::uint64_t kRowMemoryNs = 3 * kNsPerS / 2;

}  // namespace

// The best priority among `lanes` (bit i: slot i) that are the process's.
std::int32_t Lane::best_priority(ProcessWord process, std::uint64_t lanes) const noexcept {
    std::int32_t best = INT32_MIN;
    for (std::uint64_t rest = lanes; rest != 0; rest &= rest - 1) {
        const board::LaneSlot& lane =
            board_.slot(static_cast<std::uint32_t>(std::countr_zero(rest)));
        if (lane.owner.load(std::memory_order_relaxed) != process) continue;
        best = std::max(best, lane.priority.load(std::memory_order_relaxed));
    }
    return best;
}

// How this process stands to the others, each judged by the best of its lanes.
void Lane::note_others(std::uint64_t others) noexcept {
    const ProcessWord process = slot().owner.load(std::memory_order_relaxed);
    const std::int32_t best_here =
        std::max(priority_.load(std::memory_order_relaxed), best_priority(process, others));
    bool outranked = false;
    bool last = true;
    bool sole = true;
    for (std::uint64_t rest = others; rest != 0; rest &= rest - 1) {
        const board::LaneSlot& other =
            board_.slot(static_cast<std::uint32_t>(std::countr_zero(rest)));
        const ProcessWord owner = other.owner.load(std::memory_order_relaxed);
        if (owner == process) {
            sole = false;
            continue;
        }
        const bool outranks = policy_->is_rival(best_here, best_priority(owner, others));
        outranked = outranked || outranks;
        last = last && outranks;
    }
    outranked_.store(outranked, std::memory_order_relaxed);
    last_.store(last, std::memory_order_relaxed);
    sole_here_.store(sole, std::memory_order_relaxed);
}

// Whether a request may find work on the device that takes long to end: very long kernels, or any,
// where it is not known when the request comes.
bool Lane::is_in_the_way(std::uint64_t now_ns) noexcept {
    // What the other lanes of the process launch is not known here.
    if (!sole_here_.load(std::memory_order_relaxed)) return true;
    const std::uint64_t long_ns = last_long_ns_.load(std::memory_order_relaxed);
    if (long_ns != 0 && now_ns - std::min(now_ns, long_ns) < kLongMemoryNs) return true;
    if (all_expected(now_ns)) {
        last_expected_ns_.store(now_ns, std::memory_order_relaxed);
        return false;
    }
    const std::uint64_t expected_ns = last_expected_ns_.load(std::memory_order_relaxed);
    return expected_ns == 0 || now_ns - std::min(now_ns, expected_ns) > kRowMemoryNs;
}

// Whether it is known of all rivals when their next request comes.
bool Lane::all_expected(std::uint64_t now_ns) const noexcept {
    std::uint64_t rest = rivals_.load(std::memory_order_relaxed);
    for (; rest != 0; rest &= rest - 1) {
        const board::LaneSlot& rival =
            board_.slot(static_cast<std::uint32_t>(std::countr_zero(rest)));
        const std::uint64_t expected_ns = rival.expected_ns.load(std::memory_order_relaxed);
        const std::uint64_t overdue_ns = now_ns - std::min(now_ns, expected_ns);
        if (expected_ns == 0 || overdue_ns > kOverdueMostNs) return false;
    }
    return true;
}

// Two threads may both come here, with the same to say.
void Lane::tell_standing(bool in_the_way) noexcept {
    using Standing = device::Device::Standing;
    const bool outranked = outranked_.load(std::memory_order_relaxed);
    const bool last = last_.load(std::memory_order_relaxed);
    const Standing standing = !outranked           ? Standing::kFree
                              : last && in_the_way ? Standing::kInTheWay
                                                   : Standing::kOutranked;
    in_the_way_.store(in_the_way, std::memory_order_relaxed);
    slot().timeslice_us.store(device_.give_way(standing), std::memory_order_relaxed);
}

}  // namespace headway::gate
