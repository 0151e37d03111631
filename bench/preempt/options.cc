#include "bench/preempt/options.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/preempt/spin_gpu.h"
#include "bench/process/device_name.h"
#include "headway/headway.h"

#include <fmt/format.h>

#include <set>

namespace headway::bench {
namespace {

// Of a kernel: below, launching it takes longer than running it; above, nothing ends in time.
constexpr double kKernelMaxMs = 1'000;
constexpr double kKernelMinMs = 0.05;
constexpr long long kBlocksMax = 1 << 20;
constexpr long long kThreadsMax = 1024;

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (const PreemptScenario& scenario : preempt_scenarios())
        names.emplace_back(scenario.name);
    return names;
}

void check_scenarios(const PreemptOptions& options) {
    std::set<std::string> seen;
    for (const std::string& name : options.scenarios) {
        if (find_preempt_scenario(name) == nullptr) {
            refuse(fmt::format("--scenarios: there is no scenario {}; there are: {}",
                               name,
                               fmt::join(all_names(), ", ")));
        }
        if (!seen.insert(name).second) refuse(fmt::format("--scenarios: {} is named twice", name));
    }
}

void check_gpu(const PreemptOptions& options) {
    const int count = spin_gpu_count();
    if (options.setup.gpu < count) return;
    if (count == 0) {
        refuse(
            fmt::format("--device {}: the CUDA driver shows no GPU here; run it on a machine "
                        "with one (`headway doctor` says what is missing)",
                        options.device));
    }
    refuse(
        fmt::format("--device {}: this machine has cuda:0 to cuda:{}", options.device, count - 1));
}

}  // namespace

void add_preempt_options(CLI::App& app, PreemptOptions& options) {
    PreemptSetup& setup = options.setup;
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str();
        };
    add("--device", options.device, "The GPU", device_name())->type_name("cuda:N");
    const auto split = [&options](const std::string& names) {
        options.scenarios = CLI::detail::split(names, ',');
    };
    app.add_option_function<std::string>(
           "--scenarios", split, "Which scenarios, separated by commas")
        ->type_name("NAME,...");
    add("--repeats",
        options.repeats,
        "How often each scenario runs, in random order",
        whole(1, 1000));
    add("--duration", setup.duration_s, "Measured seconds of a scenario", positive(86'400));
    add("--warm-up", setup.warm_up_s, "Seconds under load before that", positive(3'600));
    add("--kernel-ms", setup.kernel_ms, "Length of a spinning kernel", positive(kKernelMaxMs));
    add("--interval-ms",
        setup.interval_ms,
        "From one empty kernel to the next",
        positive(kKernelMaxMs));
    add("--blocks", setup.blocks, "Thread blocks of a spinning kernel", whole(1, kBlocksMax));
    add("--block-threads", setup.threads, "Threads of each of them", whole(1, kThreadsMax));
    const CLI::Validator priority = whole(HEADWAY_PRIORITY_MIN, HEADWAY_PRIORITY_MAX);
    add("--high-priority", setup.high_priority, "Of the empty kernels, higher wins", priority);
    add("--low-priority", setup.low_priority, "Of the spinning kernels", priority);
    add("--timeslice-us",
        setup.timeslice_us,
        "Under Headway: of the spinning kernels' process, microseconds, auto or off",
        timeslice_text());
    add("--seed", options.seed, "For the order of scenarios", whole(0, INT64_MAX));
}

void resolve(PreemptOptions& options) {
    if (options.scenarios.empty()) options.scenarios = all_names();
    check_scenarios(options);
    const PreemptSetup& setup = options.setup;
    if (setup.kernel_ms < kKernelMinMs) {
        refuse(fmt::format("--kernel-ms {}: must be at least {}", setup.kernel_ms, kKernelMinMs));
    }
    if (setup.duration_s * 1000 < setup.interval_ms) {
        refuse("--duration is less than one --interval-ms; raise it");
    }
    options.setup.gpu = gpu_index(options.device);
    if (options.setup.gpu == kNoGpu) {
        refuse("--device cpu: kernels are preempted on a GPU; name one, for example cuda:0");
    }
    check_gpu(options);
}

nlohmann::json to_json(const PreemptOptions& options) {
    const PreemptSetup& setup = options.setup;
    return {{"device", options.device},
            {"scenarios", options.scenarios},
            {"repeats", options.repeats},
            {"duration", setup.duration_s},
            {"warm_up", setup.warm_up_s},
            {"kernel_ms", setup.kernel_ms},
            {"interval_ms", setup.interval_ms},
            {"blocks", setup.blocks},
            {"block_threads", setup.threads},
            {"high_priority", setup.high_priority},
            {"low_priority", setup.low_priority},
            {"timeslice_us", setup.timeslice_us},
            {"seed", options.seed},
            {"high_model", "an empty kernel"},
            {"low_model", fmt::format("kernels of {} ms", setup.kernel_ms)}};
}

}  // namespace headway::bench
