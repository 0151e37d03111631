#include "bench/process/own_lane.h"

#include "board/board.h"
#include "board/inspect.h"

#include <limits.h>
#include <unistd.h>

namespace headway::bench {

nlohmann::json own_lane_counters() {
    return lane_counters_of(::getpid());
}

nlohmann::json lane_counters_of(int pid) {
    char directory[PATH_MAX];
    if (!board::board_directory(directory, sizeof(directory)).ok()) return nullptr;
    for (const board::BoardInfo& info : board::list_boards(directory)) {
        for (const board::LaneInfo& lane : info.lanes) {
            if (lane.pid == static_cast<std::uint32_t>(pid) && lane.alive) return lane.counters;
        }
    }
    return nullptr;
}

}  // namespace headway::bench
