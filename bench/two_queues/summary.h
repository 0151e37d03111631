// What the repeats of a two-queues run say. Pure functions.
#pragma once

#include "bench/two_queues/options.h"

#include <cstddef>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "verdict": `minimum`, and `two processes` or `shared queue`, which compare with
// what happens without Headway: in one queue nothing can take a running kernel off.
nlohmann::json judge_queues(const nlohmann::json& scenarios,
                            const nlohmann::json& summary,
                            std::size_t scenarios_wanted,
                            QueuePlacement placement);

}  // namespace headway::bench
