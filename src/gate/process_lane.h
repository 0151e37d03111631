// The lane that a process has on a device without having asked for one: what `headway run` gives
// it.
#pragma once

#include "gate/shared_lane.h"

namespace headway::gate {

// Opens a lane with the options of the environment (gate/environment.h) on the board `board_name`.
// Without a board the lane is still there, and bypasses every launch; one line says why. Null
// without memory. `device` outlives the lane. May take milliseconds; waits for no other lane.
SharedLane* open_process_lane(device::Device& device, const char* board_name) noexcept;

// One line on standard error with the lane's counters, for HEADWAY_STATS.
void print_counters(SharedLane& lane) noexcept;

}  // namespace headway::gate
