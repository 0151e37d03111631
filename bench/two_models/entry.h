// A scenario's entry in the result file, made of what its children have sent.
#pragma once

#include "bench/two_models/plan.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// `results`: the events "result" of all children of the step. With several low models their numbers
// and counters are added up, and low.each has those of each. Pure.
nlohmann::json entry_of(const Step& step,
                        const std::string& device,
                        const std::vector<nlohmann::json>& results);

}  // namespace headway::bench
