// How long a kernel takes, learned while it runs.
#pragma once

#include <array>
#include <cstdint>

namespace headway::gate {

// A fixed table from launch key to expected nanoseconds. Not thread-safe: its lane locks. When two
// keys want one place the newer wins, and the older is learned again: forgetting costs one marker.
class CostModel {
 public:
    static constexpr std::uint32_t kEntryCount = 2048;  // several models' worth of distinct kernels

    // Expected nanoseconds, or 0 if the key has not been seen (or is 0).
    std::uint64_t predict(std::uint64_t key) const noexcept;

    // Takes in one measurement. The first one counts fully, later ones by a quarter, so that one
    // disturbed measurement is forgotten after a few good ones.
    void learn(std::uint64_t key, std::uint64_t cost_ns) noexcept;

 private:
    struct Entry {
        std::uint64_t key = 0;
        std::uint64_t cost_ns = 0;
    };

    static std::uint32_t place(std::uint64_t key) noexcept;

    std::array<Entry, kEntryCount> entries_{};
};

}  // namespace headway::gate
