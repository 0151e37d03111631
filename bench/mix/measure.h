// One scenario run of a mix.
#pragma once

#include "bench/mix/options.h"
#include "bench/process/group.h"
#include "bench/process/progress.h"
#include "bench/two_models/plan.h"

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The processes of a step: the Python programs, under Headway as `headway run` starts them. All get
// the same arrivals in each scenario of a repeat. Pure, but for looking up where things are.
std::vector<Member> mix_members(const MixOptions& options, const Step& step);

// The result file's entry from what the members have sent. Throws Failure if one has no requests to
// show, or should have been scheduled and was not.
nlohmann::json mix_entry(const MixOptions& options,
                         const Step& step,
                         const std::vector<nlohmann::json>& results);

// Runs a step; nothing on Ctrl-C. Blocks. Throws Failure.
std::optional<nlohmann::json> measure_mix(const MixOptions& options,
                                          const Step& step,
                                          Progress& progress);

}  // namespace headway::bench
