#include "gate/cost_model.h"

#include <algorithm>

namespace headway::gate {

std::uint32_t CostModel::place(std::uint64_t key) noexcept {
    // Fibonacci hashing: the high bits of a product with 2^64 / golden ratio are well mixed.
    static_assert((kEntryCount & (kEntryCount - 1)) == 0);
    return static_cast<std::uint32_t>((key * 0x9E3779B97F4A7C15U) >> 32) & (kEntryCount - 1);
}

std::uint64_t CostModel::predict(std::uint64_t key) const noexcept {
    const Entry& entry = entries_[place(key)];
    return key != 0 && entry.key == key ? entry.cost_ns : 0;
}

void CostModel::learn(std::uint64_t key, std::uint64_t cost_ns) noexcept {
    if (key == 0) return;
    cost_ns = std::max<std::uint64_t>(cost_ns, 1);  // 0 would read as "not seen"
    Entry& entry = entries_[place(key)];
    if (entry.key != key) {
        entry = {key, cost_ns};
        return;
    }
    const std::uint64_t difference =
        cost_ns > entry.cost_ns ? cost_ns - entry.cost_ns : entry.cost_ns - cost_ns;
    const std::uint64_t step = (difference + 3) / 4;
    entry.cost_ns += cost_ns > entry.cost_ns ? step : std::uint64_t{0} - step;
}

}  // namespace headway::gate
