#include "gate/cost_model.h"

#include <algorithm>
#include <atomic>

namespace headway::gate {

namespace {

// Relaxed: a stale or foreign cost is a wrong guess, no more.
std::uint64_t load(std::uint64_t& word) noexcept {
    return std::atomic_ref(word).load(std::memory_order_relaxed);
}

void store(std::uint64_t& word, std::uint64_t value) noexcept {
    std::atomic_ref(word).store(value, std::memory_order_relaxed);
}

}  // namespace

std::uint32_t CostModel::set_of(std::uint64_t key) noexcept {
    // Fibonacci hashing: the high bits of a product with 2^64 / golden ratio are well mixed.
    constexpr std::uint32_t kSetCount = kEntryCount / kSetSize;
    static_assert((kSetCount & (kSetCount - 1)) == 0);
    return static_cast<std::uint32_t>((key * 0x9E3779B97F4A7C15U) >> 32) & (kSetCount - 1);
}

std::uint64_t CostModel::predict(std::uint64_t key) const noexcept {
    if (key == 0) return 0;
    for (Entry& entry : sets_[set_of(key)]) {
        if (load(entry.key) == key) return load(entry.cost_ns);
    }
    return 0;
}

void CostModel::learn(std::uint64_t key, std::uint64_t cost_ns) noexcept {
    if (key == 0) return;
    cost_ns = std::max<std::uint64_t>(cost_ns, 1);  // 0 would read as "not seen"
    Set& set = sets_[set_of(key)];
    // Free places have key 0, and come last.
    const auto known = std::find_if(set.begin(), set.end(), [key](const Entry& entry) noexcept {
        return entry.key == key || entry.key == 0;
    });
    if (known == set.end() || known->key == 0) {
        Entry& place = known != set.end() ? *known : set[next_victim_++ % kSetSize];
        store(place.cost_ns, cost_ns);
        store(place.key, key);
        return;
    }
    Entry& entry = *known;
    const std::uint64_t difference =
        cost_ns > entry.cost_ns ? cost_ns - entry.cost_ns : entry.cost_ns - cost_ns;
    // Down faster than up: work never ends before it is done, but it may be seen late. What is
    // taken for longer than it is costs the device idle time until it is learned.
    const std::uint64_t part = cost_ns > entry.cost_ns ? 4 : 2;
    const std::uint64_t step = (difference + part - 1) / part;
    store(entry.cost_ns, entry.cost_ns + (cost_ns > entry.cost_ns ? step : 0 - step));
}

}  // namespace headway::gate
