// Whether the device has passed a marker, and the one that a lane's program waits for without a
// thread of its own (LaneSlot::awaited).
#pragma once

#include "board/layout.h"

#include <atomic>
#include <cstdint>

namespace headway::board {

// Whether a stream's progress has passed a marker. Values are sequence numbers, so that 32 bits may
// wrap.
constexpr bool reached(std::uint32_t progress, std::uint32_t value) noexcept {
    return static_cast<std::int32_t>(progress - value) >= 0;
}

// `track` < kTrackCountMax. Never 0.
constexpr std::uint64_t awaited_word(std::uint32_t track, std::uint32_t value) noexcept {
    return (std::uint64_t{track} + 1) << 32 | value;
}

// Whether the device has yet to reach it. Any value may stand in the slot: a stranger wrote it.
inline bool is_awaited(const LaneSlot& slot) noexcept {
    const std::uint64_t word = slot.awaited.load(std::memory_order_relaxed);
    const std::uint64_t track = (word >> 32) - 1;  // of no marker: far beyond the last one
    if (track >= kTrackCountMax) return false;
    // Acquire: the work before the marker has completed.
    return !reached(slot.progress[track].load(std::memory_order_acquire),
                    static_cast<std::uint32_t>(word));
}

}  // namespace headway::board
