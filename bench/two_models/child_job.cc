#include "bench/two_models/child_job.h"

#include "bench/failure.h"
#include "bench/process/cuda_driver.h"
#include "bench/process/device_name.h"
#include "bench/process/events.h"
#include "bench/process/memory.h"
#include "bench/result/numbers.h"
#include "bench/two_models/lanes.h"

namespace headway::bench {
namespace {

Scenario scenario_named(const std::string& name, const Options& options) {
    if (auto scenario = find_scenario(name, options.externals)) return *std::move(scenario);
    throw Failure("a child was asked for a scenario that doesn't exist");
}

// The driver goes on without MPS where it can't have it, and says nothing.
void check_mps(const std::string& device) {
    const auto enabled = cuda_device_attribute(gpu_index(device), CudaAttribute::kMpsEnabled);
    if (enabled.value_or(1) == 0) throw Failure("the driver did not become a client of MPS");
}

}  // namespace

ChildJob::ChildJob(const nlohmann::json& json)
    : options(options_from_json(json.at("options"))),
      scenario(scenario_named(json.at("scenario").get<std::string>(), options)),
      repeat(json.at("repeat").get<int>()) {}

void ChildJob::prepare() const {
    send_phase("load", 0);
    prepare_torch(options.tf32);
    if (options.memory_cap_mib > 0 && options.device == "cpu") {
        limit_memory(options.memory_cap_mib);
    } else if (options.memory_cap_mib > 0) {
        occupy_gpu_memory(options.device, options.memory_cap_mib);
    }
    if (scenario.scheduler == Scheduler::kMps) check_mps(options.device);
    if (asks_for_lanes(options, scenario)) install_gate(options);
}

nlohmann::json ChildJob::memory() const {
    const auto memory = read_memory(options.device);
    if (!memory) return nullptr;
    return {{"used", rounded(memory->used)}, {"free", rounded(memory->free)}};
}

}  // namespace headway::bench
