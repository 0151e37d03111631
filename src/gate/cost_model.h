// How long a kernel takes, learned while it runs.
#pragma once

#include <array>
#include <cstdint>

namespace headway::gate {

// A fixed table from launch key to expected nanoseconds. learn() by one thread at a time, its lane
// locks; predict() at any time. A key may lie in any place of its set; when a set is full one of
// its keys gives way, and is learned again later. Forgetting is dear: an unknown launch drains the
// device before and after it. With one place per key, the hundred kernels of a model had two or
// three pairs that threw each other out in every pass.
class CostModel {
 public:
    static constexpr std::uint32_t kEntryCount = 2048;  // several models' worth of distinct kernels
    static constexpr std::uint32_t kSetSize = 8;        // two cache lines

    // Expected nanoseconds, or 0 if the key has not been seen (or is 0). While another thread
    // learns it may be what another key is expected to cost.
    std::uint64_t predict(std::uint64_t key) const noexcept;

    // Takes in one measurement. The first one counts fully, later ones by a quarter, lower ones by
    // half, so that one disturbed measurement is forgotten after a few good ones.
    void learn(std::uint64_t key, std::uint64_t cost_ns) noexcept;

 private:
    struct Entry {
        std::uint64_t key = 0;
        std::uint64_t cost_ns = 0;
    };

    using Set = std::array<Entry, kSetSize>;

    static std::uint32_t set_of(std::uint64_t key) noexcept;

    // Read and written as atomics. Mutable, because an atomic_ref refers to nothing constant.
    mutable std::array<Set, kEntryCount / kSetSize> sets_{};
    std::uint32_t next_victim_ = 0;
};

}  // namespace headway::gate
