// Who of several processes of equal priority has the device for now (BoardHeader::shift).
#pragma once

#include "base/clock.h"
#include "board/layout.h"

#include <cstdint>

namespace headway::board {

struct Shift {
    static constexpr std::uint32_t kNobody = kLaneCountMax;

    std::uint32_t slot = kNobody;  // of a lane of the process; never above kNobody
    bool given = false;            // by the one before, and the lane has not come yet
    std::uint64_t since_ns = 0;    // in whole microseconds

    // How long it has lasted. One from the future is a stranger's: it is over.
    constexpr std::uint64_t age_ns(std::uint64_t now_ns) const noexcept {
        return since_ns <= now_ns ? now_ns - since_ns : UINT64_MAX;
    }

    // Whether it is that of a lane in `lanes` (bit i: slot i).
    constexpr bool of_any(std::uint64_t lanes) const noexcept {
        return slot < kLaneCountMax && (lanes >> slot & 1) != 0;
    }

    friend constexpr bool operator==(const Shift&, const Shift&) = default;
};

// Bits 63..8: since when, in microseconds; bit 7: given; bits 6..0: slot + 1, 0: nobody.
constexpr std::uint64_t shift_word(const Shift& shift) noexcept {
    const std::uint64_t place = shift.slot < kLaneCountMax ? shift.slot + 1 : 0;
    return shift.since_ns / kNsPerUs << 8 | std::uint64_t{shift.given} << 7 | place;
}

// Any value may stand on the board: a stranger wrote it.
constexpr Shift shift_of(std::uint64_t word) noexcept {
    const auto place = static_cast<std::uint32_t>(word & 0x7f);
    if (place == 0 || place > kLaneCountMax) return {};
    // A time beyond 64 bits wraps: it is as wrong as any other.
    return {place - 1, (word & 0x80) != 0, (word >> 8) * kNsPerUs};
}

}  // namespace headway::board
