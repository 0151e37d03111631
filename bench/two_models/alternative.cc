#include "bench/two_models/alternative.h"

#include "bench/failure.h"
#include "bench/process/cuda_driver.h"
#include "bench/process/device_name.h"
#include "bench/two_models/scenarios.h"
#include "bench/two_models/side.h"

#include <algorithm>

namespace headway::bench {
namespace {

// A GPU in this mode has room for one process, or for the server of one MPS.
void check_compute_mode(const Options& options, const Scenario& scenario) {
    const int index = gpu_index(options.device);
    const bool several = options.placement == Placement::kProcesses &&
                         sides_of(options, scenario).size() > 1 && !is_foreign(scenario);
    if (index == kNoGpu || !several) return;
    if (cuda_device_attribute(index, CudaAttribute::kComputeMode) != kCudaComputeExclusive) return;
    throw Unavailable(
        "the GPU's compute mode is exclusive process, so that two processes can't share it "
        "(nvidia-smi -c DEFAULT changes that)");
}

bool uses_mps(const Options& options, const std::string& name) {
    const auto scenario = find_scenario(name, options.externals);
    return scenario && scenario->scheduler == Scheduler::kMps;
}

}  // namespace

Alternative::Alternative(const Options& options, const std::string& scenario) {
    check_compute_mode(options, *find_scenario(scenario, options.externals));
    if (uses_mps(options, scenario)) {
        mps_.emplace();
        variables_ = mps_->client_environment();
        return;
    }
    // Beside a scenario with MPS the others are to have none, whoever has started one.
    const bool beside_mps = std::any_of(options.scenarios.begin(),
                                        options.scenarios.end(),
                                        [&](const auto& name) { return uses_mps(options, name); });
    if (!beside_mps) return;
    no_mps_.emplace();
    variables_ = no_mps_environment(no_mps_->path());
}

}  // namespace headway::bench
