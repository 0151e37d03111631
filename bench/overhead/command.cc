#include "bench/overhead/command.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/overhead/overhead_run.h"
#include "bench/overhead/summary.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/process/supervise.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"
#include "bench/two_models/options.h"

#include <memory>
#include <utility>

namespace headway::bench {
namespace {

constexpr const char* kFooter =
    R"(Each pair runs the same model without and with Headway, in random order, with no competitor.

Examples:
  headway-bench overhead
  headway-bench overhead --pairs 100 --json overhead.json

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.)";

struct Command {
    Options options;  // the part that concerns the models
    int pairs = 60;
    double block_s = 0.3;
    OutputPaths paths;
};

nlohmann::json config_of(const Command& command) {
    const nlohmann::json all = to_json(command.options);
    nlohmann::json config = {{"pairs", command.pairs}, {"block", command.block_s}};
    for (const char* name : {"device",
                             "dtype",
                             "high_batch",
                             "low_batch",
                             "threads",
                             "cpus",
                             "seed",
                             "threshold",
                             "batch_size"}) {
        config[name] = all.at(name);
    }
    return config;
}

// Runs one child per model and appends its entries. Leaves early on a failure or Ctrl-C.
void measure(const Command& command, nlohmann::json& scenarios, RunOutcome& outcome) {
    Progress progress(2);
    try {
        for (const bool high : {true, false}) {
            progress.begin_step(high ? 0 : 1, high ? "high alone" : "low alone");
            const nlohmann::json job = {{"task", kOverheadTask},
                                        {"options", to_json(command.options)},
                                        {"high", high},
                                        {"pairs", command.pairs},
                                        {"block_s", command.block_s}};
            ChildReport report = supervise(job, command.options.cpus, progress);
            if (report.end == ChildEnd::kOutOfMemory) throw Failure(report.message);
            outcome.interrupted = report.end == ChildEnd::kInterrupted;
            if (outcome.interrupted) return;
            for (nlohmann::json& entry : report.result.at("scenarios")) {
                scenarios.push_back(std::move(entry));
            }
        }
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

RunOutcome run(const Command& command) {
    catch_interrupts();
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    measure(command, scenarios, outcome);
    const nlohmann::json summary = summarise_overhead(scenarios, command.options.seed);
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "overhead"},
                      {"headway", describe_build()},
                      {"host", describe_host(command.options.device)},
                      {"config", config_of(command)},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_overhead(summary)},
                      {"partial", outcome.interrupted || !outcome.failure.empty()},
                      {"created", timestamp()}};
    return outcome;
}

void add_options(CLI::App& app, Command& command) {
    Options& options = command.options;
    options.low_batch = 2;
    options.cpus = 1;
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str();
        };
    add("--device", options.device, "Where the models run", device_name())->type_name("cpu|cuda:N");
    add("--pairs", command.pairs, "Pairs of blocks per model", whole(2, 100'000));
    add("--block", command.block_s, "Seconds of a block", positive(3'600));
    add("--high-batch", options.high_batch, "Images per pass of ResNet-18", whole(1, 65'536));
    add("--low-batch", options.low_batch, "Images per pass of ResNet-50", whole(1, 65'536));
    add("--threads", options.threads, "CPU: ATen threads", whole(1, 1024));
    add("--cpus", options.cpus, "CPUs to use, 0: all", whole(0, 4096));
    add("--seed",
        options.seed,
        "For weights, inputs and the order within a pair",
        whole(0, INT64_MAX));
}

}  // namespace

void add_overhead(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "overhead", "What Headway costs each model when nobody competes, in interleaved pairs");
    auto command = std::make_shared<Command>();
    add_options(*subcommand, *command);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(kFooter);
    subcommand->callback([command, &exit_code] {
        check_device(command->options.device);
        check_cpus(command->options.cpus);
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(*command));
    });
}

}  // namespace headway::bench
