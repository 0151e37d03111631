// What one option alone can't show: whether they fit each other, the device and the machine.
#include "bench/failure.h"
#include "bench/process/child.h"
#include "bench/process/device_name.h"
#include "bench/two_models/options.h"
#include "bench/two_models/scenarios.h"

#include <fmt/format.h>

#include <set>

namespace headway::bench {
namespace {

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

std::string names_of(const Options& options) {
    return fmt::format("{}", fmt::join(scenario_names(options.placement, options.externals), ", "));
}

void check_scenarios(const Options& options) {
    std::set<std::string> seen;
    for (const std::string& name : options.scenarios) {
        const auto scenario = find_scenario(name, options.externals);
        if (!scenario) {
            refuse(fmt::format(
                "--scenarios: there is no scenario {}; there are: {}", name, names_of(options)));
        }
        if (scenario->only.value_or(options.placement) != options.placement) {
            refuse(fmt::format("--scenarios: there is no {} with this --placement; there are: {}",
                               name,
                               names_of(options)));
        }
        if (!seen.insert(name).second) refuse(fmt::format("--scenarios: {} is named twice", name));
        if (scenario->gpu_only && options.device == "cpu") {
            refuse(fmt::format(
                "--scenarios: {} needs a GPU; leave it out or name one with --device", name));
        }
    }
}

void check_external_names(const Options& options) {
    std::vector<std::string> taken;
    for (const Scenario& scenario : all_scenarios())
        taken.push_back(scenario.name);
    check_externals(options.externals, taken, options.placement);
}

void check_graphs(const Options& options) {
    if (!options.high_graph && !options.low_graph) return;
    const char* const name = options.high_graph ? "--high-graph" : "--low-graph";
    if (options.device == "cpu") {
        refuse(fmt::format("{}: a CPU has no CUDA graphs; leave it out or name a GPU with --device",
                           name));
    }
    if (!graphs_available()) {
        refuse(fmt::format(
            "{}: this program was built with a LibTorch without CUDA; build it with one", name));
    }
}

// A chain of products has neither images nor anything to learn.
void check_products(const Options& options) {
    const bool high = options.high_model == Architecture::kProducts;
    const bool low = options.low_model == Architecture::kProducts;
    if (high && options.high_batch != 1)
        refuse("--high-batch: products have no batch; leave it out");
    if (low && options.low_batch != 1) refuse("--low-batch: products have no batch; leave it out");
    if (low && options.low_task == Task::kTraining) {
        refuse("--low-task training: products can't be trained; leave it out");
    }
    if (!high && !low && options.matmul_side != 0) {
        refuse("--matmul-side: neither model is matmul; name one with --high-model or --low-model");
    }
}

}  // namespace

void check_together(const Options& options) {
    check_external_names(options);
    check_scenarios(options);
    if (options.rate * options.duration < 1) {
        refuse("--rate x --duration is less than one request; raise one of them");
    }
    if (options.batch_size > options.threshold) {
        refuse(fmt::format(
            "--batch-size {} is above --threshold {}; markers come at least once per window",
            options.batch_size,
            options.threshold));
    }
    check_cpus(options.cpus);
    check_graphs(options);
    check_products(options);
    if (options.low_graph && options.low_task == Task::kTraining) {
        refuse("--low-graph: a training step is not captured; leave out one of it and --low-task");
    }
    if (options.device == "cpu" && options.stream != StreamKind::kDefault) {
        refuse("--stream: a CPU has no streams; leave it out or name a GPU with --device");
    }
}

void check_cpus(int cpus) {
    if (cpus <= usable_cpus()) return;
    refuse(fmt::format("--cpus {}: this process may use {}; ask for fewer", cpus, usable_cpus()));
}

void check_device(const std::string& device) {
    const int index = gpu_index(device);
    if (index == kNoGpu) return;
    const int count = torch_gpu_count();
    if (index < count) return;
    if (count == 0) {
        refuse(fmt::format(
            "--device {}: this LibTorch {} sees no CUDA GPU; use --device cpu, or build "
            "with a LibTorch for CUDA on a machine with a GPU",
            device,
            torch_version()));
    }
    refuse(fmt::format("--device {}: this machine has cuda:0 to cuda:{}", device, count - 1));
}

}  // namespace headway::bench
