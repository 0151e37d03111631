#include "bench/two_queues/options.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/process/child.h"
#include "bench/two_queues/scenarios.h"
#include "bench/two_queues/spin_queue.h"
#include "headway/headway.h"

#include <fmt/format.h>

#include <set>

namespace headway::bench {
namespace {

constexpr double kKernelMaxMs = 1'000;
constexpr double kKernelMinMs = 0.05;  // below, launching one takes longer than running it
constexpr int kDepthMax = 1'000;

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

CLI::Validator opencl_name() {
    const auto check = [](std::string& text) -> std::string {
        if (opencl_index(text) >= 0) return {};
        return fmt::format("must be opencl:0, opencl:1, ..., not {}", text);
    };
    return CLI::Validator(check, "", "device");
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (const QueuesScenario& scenario : queues_scenarios())
        names.emplace_back(scenario.name);
    return names;
}

void check_scenarios(const QueuesOptions& options) {
    std::set<std::string> seen;
    for (const std::string& name : options.scenarios) {
        if (find_queues_scenario(name) == nullptr) {
            refuse(fmt::format("--scenarios: there is no scenario {}; there are: {}",
                               name,
                               fmt::join(all_names(), ", ")));
        }
        if (!seen.insert(name).second) refuse(fmt::format("--scenarios: {} is named twice", name));
    }
}

void check_device(const QueuesOptions& options) {
    if (!opencl_available()) {
        refuse(
            "this headway-bench was built without OpenCL, whose headers or loader were not found "
            "(Debian: ocl-icd-opencl-dev); build it again with them");
    }
    const int count = opencl_device_count();
    if (options.index < count) return;
    if (count == 0) {
        refuse(
            fmt::format("--device {}: no OpenCL platform has a device here (Debian, for the CPU: "
                        "pocl-opencl-icd)",
                        options.device));
    }
    refuse(fmt::format(
        "--device {}: this machine has opencl:0 to opencl:{}", options.device, count - 1));
}

void add_load(CLI::App& app, QueuesOptions& options) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str();
        };
    add("--duration", options.duration_s, "Measured seconds of a scenario", positive(86'400));
    add("--warm-up", options.warm_up_s, "Seconds under load before that", positive(3'600));
    add("--rate", options.rate, "Requests per second of high, a kernel each", positive(100'000));
    add_choice<Arrivals>(app,
                         "--arrivals",
                         options.arrivals,
                         {{"uniform", Arrivals::kUniform}, {"poisson", Arrivals::kPoisson}},
                         "How requests are spaced (uniform)");
    add("--high-ms", options.high_ms, "Length of a kernel of high", positive(kKernelMaxMs));
    add("--low-ms", options.low_ms, "Length of a kernel of low", positive(kKernelMaxMs));
    add("--low-depth",
        options.low_depth,
        "Kernels of low that are enqueued and not finished",
        whole(1, kDepthMax));
    add("--device-cpus",
        options.device_cpus,
        "PoCL: the CPUs that are the device, from CPU 0 on",
        whole(1, 4096));
}

}  // namespace

void add_queues_options(CLI::App& app, QueuesOptions& options) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str();
        };
    add("--device", options.device, "The OpenCL device", opencl_name())->type_name("opencl:N");
    add_choice<QueuePlacement>(
        app,
        "--placement",
        options.placement,
        {{"processes", QueuePlacement::kProcesses}, {"shared-queue", QueuePlacement::kSharedQueue}},
        "Two processes with a queue each, or two threads with one queue");
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
    add_load(app, options);
    const CLI::Validator priority = whole(HEADWAY_PRIORITY_MIN, HEADWAY_PRIORITY_MAX);
    add("--high-priority", options.high_priority, "Of high under Headway, higher wins", priority);
    add("--low-priority", options.low_priority, "Of low under Headway", priority);
    add("--seed", options.seed, "For arrivals and the order of scenarios", whole(0, INT64_MAX));
}

void resolve(QueuesOptions& options) {
    if (options.scenarios.empty()) options.scenarios = all_names();
    check_scenarios(options);
    for (const auto& [name, ms] :
         {std::pair("--high-ms", options.high_ms), std::pair("--low-ms", options.low_ms)}) {
        if (ms < kKernelMinMs) {
            refuse(fmt::format("{} {}: must be at least {}", name, ms, kKernelMinMs));
        }
    }
    if (options.high_priority <= options.low_priority) {
        refuse("--high-priority must be above --low-priority");
    }
    if (options.duration_s * options.rate < 1) {
        refuse("--duration is less than one request long; raise it, or --rate");
    }
    if (options.device_cpus > usable_cpus()) {
        refuse(fmt::format(
            "--device-cpus {}: this process may use {} CPUs", options.device_cpus, usable_cpus()));
    }
    options.index = opencl_index(options.device);
    check_device(options);
}

nlohmann::json to_json(const QueuesOptions& options) {
    const bool uniform = options.arrivals == Arrivals::kUniform;
    const bool processes = options.placement == QueuePlacement::kProcesses;
    return {{"device", options.device},
            {"placement", processes ? "processes" : "shared-queue"},
            {"scenarios", options.scenarios},
            {"repeats", options.repeats},
            {"duration", options.duration_s},
            {"warm_up", options.warm_up_s},
            {"rate", options.rate},
            {"arrivals", uniform ? "uniform" : "poisson"},
            {"high_ms", options.high_ms},
            {"low_ms", options.low_ms},
            {"low_depth", options.low_depth},
            {"device_cpus", options.device_cpus},
            {"pocl_max_pthread_count", options.device_cpus},
            {"pocl_affinity", 1},
            {"high_priority", options.high_priority},
            {"low_priority", options.low_priority},
            {"seed", options.seed},
            {"high_model", fmt::format("a kernel of {} ms", options.high_ms)},
            {"low_model", fmt::format("kernels of {} ms", options.low_ms)}};
}

}  // namespace headway::bench
