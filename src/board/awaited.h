// The marker that a lane's program waits for without a thread of its own (LaneSlot::awaited).
#pragma once

#include "board/layout.h"

#include <atomic>
#include <cstdint>

namespace headway::board {

// `track` < kTrackCountMax. Never 0.
constexpr std::uint64_t awaited_word(std::uint32_t track, std::uint32_t value) noexcept {
    return (std::uint64_t{track} + 1) << 32 | value;
}

// Whether the device has yet to reach it. Any value may stand in the slot: a stranger wrote it.
inline bool is_awaited(const LaneSlot& slot) noexcept {
    const std::uint64_t word = slot.awaited.load(std::memory_order_relaxed);
    const std::uint64_t track = (word >> 32) - 1;  // of no marker: far beyond the last one
    if (track >= kTrackCountMax) return false;
    // Acquire: the work before the marker has completed. Compared as sequence numbers, which wrap.
    const std::uint32_t progress = slot.progress[track].load(std::memory_order_acquire);
    return static_cast<std::int32_t>(progress - static_cast<std::uint32_t>(word)) < 0;
}

}  // namespace headway::board
