// The scenarios of two-models: which models run, and who schedules them. A new one is a new row.
#pragma once

#include "bench/models/model.h"
#include "bench/two_models/external.h"
#include "bench/two_models/placement.h"

#include <optional>
#include <string>
#include <vector>

namespace headway::bench {

enum class Scheduler {
    kNone,
    kHeadway,
    kStreamPriority,
    kGreenContext,
    kMps,       // NVIDIA's Multi-Process Service
    kExternal,  // whatever the command of --external is
};

// What a scenario's processes ask of MPS, in the variables of CUDA_MPS_...; null: nothing.
struct MpsShares {
    const char* high_priority = nullptr;  // CLIENT_PRIORITY: 0 normal, 1 below normal
    const char* low_priority = nullptr;
    const char* low_percentage = nullptr;  // ACTIVE_THREAD_PERCENTAGE, of the GPU's processors
};

struct Scenario {
    std::string name;
    const char* help;
    bool high;  // the high-priority model runs
    bool low;
    Scheduler scheduler;
    bool gpu_only;
    // Only there, where that is not every placement.
    std::optional<Placement> only = std::nullopt;
    bool by_default = true;  // in a run that names no scenarios
    MpsShares mps{};         // kMps
    int low_percent = 0;     // kGreenContext: of the GPU's processors; high has the others
};

const std::vector<Scenario>& all_scenarios();

// The scenario of that name, of the table or of `externals`, or nothing.
std::optional<Scenario> find_scenario(const std::string& name,
                                      const std::vector<External>& externals);

// Whether the models run under something that may not be there, or not bear them.
bool is_foreign(const Scenario& scenario);

// The scenarios that a run on this device has by default, in the order of the table.
std::vector<std::string> default_scenarios(const std::string& device, Placement placement);

// All that there are for this placement, in the order of the table; those of `externals` last.
std::vector<std::string> scenario_names(Placement placement,
                                        const std::vector<External>& externals);

// The stream that a model gets: `wanted`, unless the scenario is about streams itself.
StreamKind stream_of(const Scenario& scenario, bool high, StreamKind wanted);

// The processors that a model gets.
Processors processors_of(const Scenario& scenario, bool high);

}  // namespace headway::bench
