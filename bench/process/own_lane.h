// The lanes of a process as its device's board shows them.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

// The counters of the lane that this process has on a board, as the result file has them, for a
// program that the preloaded shim schedules without its doing: it has no handle of its lane. Null
// if it has none. Of several lanes the first counts.
nlohmann::json own_lane_counters();

// The same of another process that is alive.
nlohmann::json lane_counters_of(int pid);

}  // namespace headway::bench
