// The scenarios of two-models: which models run, and who schedules them. A new one is a new row.
#pragma once

#include "bench/models/model.h"
#include "bench/two_models/placement.h"

#include <optional>
#include <string>
#include <vector>

namespace headway::bench {

enum class Scheduler { kNone, kHeadway, kStreamPriority };

struct Scenario {
    const char* name;
    const char* help;
    bool high;  // the high-priority model runs
    bool low;
    Scheduler scheduler;
    bool gpu_only;
    // Only there, where that is not every placement.
    std::optional<Placement> only = std::nullopt;
};

const std::vector<Scenario>& all_scenarios();

// The scenario of that name, or null.
const Scenario* find_scenario(const std::string& name);

// The scenarios that a run on this device has by default, in the order of the table.
std::vector<std::string> default_scenarios(const std::string& device, Placement placement);

// The stream that a model gets: `wanted`, unless the scenario is about streams itself.
StreamKind stream_of(const Scenario& scenario, bool high, StreamKind wanted);

}  // namespace headway::bench
