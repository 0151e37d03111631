// What the repeats of a two-queues run say. Pure functions.
#pragma once

#include <cstddef>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "verdict": `minimum` and `shared device`, which compares with what happens
// without Headway, because not every OpenCL device can be taken from a running kernel.
nlohmann::json judge_queues(const nlohmann::json& scenarios,
                            const nlohmann::json& summary,
                            std::size_t scenarios_wanted);

}  // namespace headway::bench
