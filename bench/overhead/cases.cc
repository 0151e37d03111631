#include "bench/overhead/cases.h"

namespace headway::bench {

const std::vector<OverheadCase>& overhead_cases() {
    static const std::vector<OverheadCase> table = {
        {"high", "ResNet-18, --high-batch images, each pass waited for", true, 0, false, 0},
        {"low", "ResNet-50, --low-batch images, two passes deep", false, 0, false, 1.01},
        {"low-b1", "ResNet-50, 1 image, two passes deep", false, 1, false, 1.03},
        {"low-b8", "ResNet-50, 8 images, two passes deep", false, 8, false, 1.03},
        {"graph", "ResNet-18 as a replayed CUDA graph, each waited for", true, 0, true, 0},
    };
    return table;
}

const OverheadCase* find_overhead_case(const std::string& name) {
    for (const OverheadCase& overhead_case : overhead_cases()) {
        if (name == overhead_case.name) return &overhead_case;
    }
    return nullptr;
}

std::vector<std::string> default_overhead_cases(const std::string& device, bool armed) {
    const bool gpu = device != "cpu";
    if (!armed && !gpu) return {"high", "low"};
    std::vector<std::string> names;
    for (const OverheadCase& overhead_case : overhead_cases()) {
        if (armed && overhead_case.armed_max == 0) continue;
        // On a CPU a launch is a small part of a pass at any batch.
        if (!gpu && overhead_case.batch > 1) continue;
        if (overhead_case.graph && !graphs_available()) continue;
        names.emplace_back(overhead_case.name);
    }
    return names;
}

int batch_of(const OverheadCase& overhead_case, const Options& options) {
    if (overhead_case.batch != 0) return overhead_case.batch;
    return overhead_case.high ? options.high_batch : options.low_batch;
}

ModelSpec spec_of(const OverheadCase& overhead_case, const Options& options) {
    ModelSpec spec;
    spec.architecture = overhead_case.high ? Architecture::kResNet18 : Architecture::kResNet50;
    spec.device = options.device;
    spec.dtype = options.dtype;
    spec.batch = batch_of(overhead_case, options);
    spec.threads = options.threads;
    spec.graph = overhead_case.graph;
    spec.seed = options.seed;
    return spec;
}

}  // namespace headway::bench
