// One hold of a lane, shared by the files that implement Lane.
#pragma once

#include "gate/lane.h"

#include <cstdint>

namespace headway::gate {

// From its first look to its end.
struct Lane::Wait {
    std::uint64_t since_ns;
    std::uint64_t liveness_ns;          // when the blocker was last known to live
    std::uint32_t blocker;              // its slot; known only while a trace is recorded
    std::uint64_t run_ns;               // until the device is free again, if that is long; else 0
    bool after_request = false;         // at the last look a rival was busy
    bool gives_shift = false;           // it has had enough
    bool held = false;                  // whether it has come to a hold at all
    std::uint64_t watch_until_ns = 0;   // afterwards it sleeps
    std::uint64_t shift_word = 0;       // BoardHeader::shift at the last look
    std::uint64_t free_shift_word = 0;  // the same, when nobody had the shift
    std::uint64_t free_since_ns = 0;    // since when; 0: somebody had it
};

// Whether a lane whose lease is over waits for its device, and has not done so for too long.
bool awaits(const board::LaneSlot& other, std::uint64_t now_ns) noexcept;

// What a lane says of itself whose `busy` bit is set.
void view_busy(const board::LaneSlot& other, std::uint64_t now_ns, policy::LaneView* view) noexcept;

}  // namespace headway::gate
