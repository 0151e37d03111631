#include "bench/overhead/options.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/overhead/cases.h"
#include "headway/headway.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace headway::bench {
namespace {

struct DeviceDefaults {
    Pairing pairing;
    int pairs;
    int rounds;
    double block_s;
    int low_batch;
    int cpus;
};

// On a GPU a process differs from the next of the same program by up to some per cent, in where its
// memory and its threads lie: several rounds of fresh processes make that part of the spread.
DeviceDefaults defaults_of(const std::string& device) {
    if (device == "cpu") return {Pairing::kBlocks, 60, 4, 0.3, 2, 1};
    return {Pairing::kProcesses, 40, 4, 0.4, 512, 0};
}

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

void check_cases(const OverheadOptions& options) {
    std::set<std::string> seen;
    for (const std::string& name : options.cases) {
        const OverheadCase* const overhead_case = find_overhead_case(name);
        if (overhead_case == nullptr) {
            std::vector<std::string> names;
            for (const OverheadCase& one : overhead_cases())
                names.emplace_back(one.name);
            refuse(fmt::format(
                "--cases: there is no case {}; there are: {}", name, fmt::join(names, ", ")));
        }
        if (!seen.insert(name).second) refuse(fmt::format("--cases: {} is named twice", name));
        if (!overhead_case->graph) continue;
        if (options.models.device == "cpu") {
            refuse(fmt::format("--cases: {} needs a GPU; name one with --device", name));
        }
        if (!graphs_available()) {
            refuse(fmt::format(
                "--cases: {}: this program was built without CUDA graphs; leave it out", name));
        }
    }
}

void check_together(const OverheadOptions& options) {
    if (options.pairing == Pairing::kBlocks && options.models.device != "cpu") {
        refuse(
            "--pairing blocks: the preloaded library can't be switched off in a process; use "
            "processes");
    }
    if (options.rounds > options.pairs) {
        refuse(fmt::format("--rounds {} is above --pairs {}; each round needs a pair",
                           options.rounds,
                           options.pairs));
    }
    if (options.threshold && options.batch_size && *options.batch_size > *options.threshold) {
        refuse(
            fmt::format("--batch-size {} is above --threshold {}; markers come at least once "
                        "per window",
                        *options.batch_size,
                        *options.threshold));
    }
    if (options.models.high_priority <= options.models.low_priority) {
        refuse("--high-priority must be above --low-priority");
    }
}

}  // namespace

OverheadOptionSet::OverheadOptionSet(CLI::App& app, OverheadOptions& options) : options_(options) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)->check(check)->type_name("N");
        };
    add("--device", options_.models.device, "Where the models run", device_name())
        ->type_name("cpu|cuda:N")
        ->capture_default_str();
    const auto split = [this](const std::string& names) {
        options_.cases = CLI::detail::split(names, ',');
    };
    app.add_option_function<std::string>("--cases", split, "Which cases, separated by commas")
        ->type_name("NAME,...");
    app.add_flag("--armed",
                 options_.armed,
                 "With an idle lane of higher priority on the device, in a process of its own");
    by_device(add_choice<Pairing>(
                  app,
                  "--pairing",
                  options_.pairing,
                  {{"blocks", Pairing::kBlocks}, {"processes", Pairing::kProcesses}},
                  "Both sides of a pair in one process, or in two that take turns (blocks on a "
                  "CPU, processes on a GPU)"),
              [this] { options_.pairing = defaults_of(options_.models.device).pairing; });
    by_device(
        add("--pairs", options_.pairs, "Pairs of blocks per case (60, 40)", whole(2, 100'000)),
        [this] { options_.pairs = defaults_of(options_.models.device).pairs; });
    by_device(add("--rounds",
                  options_.rounds,
                  "Fresh pairs of processes that these are divided among (4)",
                  whole(1, 1000)),
              [this] {
                  const int rounds = defaults_of(options_.models.device).rounds;
                  options_.rounds = std::min(rounds, options_.pairs);
              });
    by_device(add("--block", options_.block_s, "Seconds of a block (0.3, 0.4)", positive(3'600)),
              [this] { options_.block_s = defaults_of(options_.models.device).block_s; });
    add_models(app);
    add_scheduling(app);
}

void OverheadOptionSet::by_device(CLI::Option* option, std::function<void()> set_default) {
    set_defaults_.push_back([option, set = std::move(set_default)] {
        if (option->empty()) set();
    });
}

void OverheadOptionSet::add_models(CLI::App& app) {
    Options& models = options_.models;
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->group("Models (default on a CPU, on a GPU)");
        };
    add("--high-batch", models.high_batch, "Images per pass of ResNet-18", whole(1, 65'536))
        ->capture_default_str();
    by_device(
        add("--low-batch",
            models.low_batch,
            "Images per pass of ResNet-50 in the case low (2, 512)",
            whole(1, 65'536)),
        [this] { options_.models.low_batch = defaults_of(options_.models.device).low_batch; });
    add("--threads", models.threads, "CPU: ATen threads", whole(1, 1024))->capture_default_str();
    by_device(add("--cpus", models.cpus, "CPUs to use, 0: all (1, 0)", whole(0, 4096)),
              [this] { options_.models.cpus = defaults_of(options_.models.device).cpus; });
    add("--seed",
        models.seed,
        "For weights, inputs and the order within a pair",
        whole(0, INT64_MAX))
        ->capture_default_str();
}

void OverheadOptionSet::add_scheduling(CLI::App& app) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->group("Scheduling (as in headway/headway.h)");
        };
    const CLI::Validator priority = whole(HEADWAY_PRIORITY_MIN, HEADWAY_PRIORITY_MAX);
    add("--high-priority", options_.models.high_priority, "Of the idle lane", priority)
        ->capture_default_str();
    add("--low-priority", options_.models.low_priority, "Of the measured lane", priority)
        ->capture_default_str();
    add("--threshold", options_.threshold, "GPU: most unfinished commands", whole(1, 65'535));
    add("--batch-size", options_.batch_size, "GPU: commands between two markers", whole(1, 65'535));
    add("--budget-us", options_.budget_us, "GPU: most predicted work", whole(1, 1'000'000));
}

void OverheadOptionSet::resolve() {
    for (const auto& set_default : set_defaults_)
        set_default();
    if (options_.cases.empty()) {
        options_.cases = default_overhead_cases(options_.models.device, options_.armed);
    }
    check_cases(options_);
    check_together(options_);
    check_cpus(options_.models.cpus);
    check_device(options_.models.device);
}

nlohmann::json config_of(const OverheadOptions& options) {
    const auto or_null = [](const std::optional<unsigned>& number) {
        return number ? nlohmann::json(*number) : nlohmann::json();
    };
    nlohmann::json config = {
        {"cases", options.cases},
        {"pairing", options.pairing == Pairing::kBlocks ? "blocks" : "processes"},
        {"armed", options.armed},
        {"pairs", options.pairs},
        {"block", options.block_s},
        {"threshold", or_null(options.threshold)},
        {"batch_size", or_null(options.batch_size)},
        {"budget_us", or_null(options.budget_us)}};
    if (options.pairing == Pairing::kProcesses) config["rounds"] = options.rounds;
    const nlohmann::json models = to_json(options.models);
    for (const char* name : {"device",
                             "dtype",
                             "tf32",
                             "high_batch",
                             "low_batch",
                             "high_priority",
                             "low_priority",
                             "threads",
                             "cpus",
                             "seed"}) {
        config[name] = models.at(name);
    }
    return config;
}

}  // namespace headway::bench
