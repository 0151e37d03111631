// Which child processes a scenario is made of.
#pragma once

#include "bench/process/group.h"
#include "bench/two_models/options.h"
#include "bench/two_models/plan.h"

#include <vector>

namespace headway::bench {

// One child with all models, or one for each. Where Headway schedules a GPU they are started with
// the shim preloaded; a model with a process of its own gets its lane as `headway run` would give
// it, by variables. `variables` are for each child, beside its own: an object as
// ChildProcess has it. Throws Failure if the shim is missing.
std::vector<Member> members_of(const Options& options,
                               const Step& step,
                               const nlohmann::json& variables = nullptr);

}  // namespace headway::bench
