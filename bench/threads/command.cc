#include "bench/threads/command.h"

#include "bench/failure.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/process/shim.h"
#include "bench/process/supervise.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"
#include "bench/result/machine_watch.h"
#include "bench/result/marks.h"
#include "bench/threads/options.h"
#include "bench/threads/scenarios.h"
#include "bench/threads/summary.h"
#include "bench/threads/task_threads.h"
#include "bench/two_models/plan.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

namespace headway::bench {
namespace {

std::string footer() {
    std::string text =
        "A task is a chain of matrix products; each thread runs one task after the other.\n\n"
        "Scenarios:\n";
    for (const ThreadsScenario& scenario : threads_scenarios())
        text += fmt::format("  {:<18}{}\n", scenario.name, scenario.what);
    return text + R"(
Examples:
  headway-bench threads
  headway-bench threads --device cuda:0 --stream pool --json threads.json
  headway-bench threads --scenarios alone,unscheduled-1-15,mixed-1-15 --repeats 3

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.)";
}

std::string outcome_line(const nlohmann::json& entry) {
    std::string line = fmt::format("total {:.2f} s", entry.at("total_time_s").get<double>());
    for (const char* name : {"high", "low"}) {
        if (!entry.contains(name)) continue;
        line += fmt::format(", {} P50 {:.1f} ms, P99 {:.1f} ms",
                            name,
                            entry.at(name).at("p50_ms").get<double>(),
                            entry.at(name).at("p99_ms").get<double>());
    }
    return line;
}

// The scenario's entry; nothing after Ctrl-C.
std::optional<nlohmann::json> measure_step(const ThreadsOptions& options,
                                           const Step& step,
                                           Progress& progress) {
    nlohmann::json job = {{"task", kTaskThreadsTask},
                          {"options", to_json(options)},
                          {"scenario", step.scenario},
                          {"repeat", step.repeat}};
    if (options.device != "cpu" && find_threads_scenario(step.scenario)->headway) {
        job["preload"] = find_cuda_shim();
    }
    MachineWatch watch(options.device);
    ChildReport report = supervise(job, options.cpus, progress);
    if (report.end == ChildEnd::kOutOfMemory) {
        throw Failure(fmt::format(
            "{}: {}: lower --side, or free some memory", step.scenario, report.message));
    }
    if (report.end == ChildEnd::kInterrupted) return std::nullopt;
    nlohmann::json entry = std::move(report.result.at("entry"));
    entry["name"] = step.scenario;
    entry["repeat"] = step.repeat;
    entry["machine"] = watch.finish();
    return entry;
}

// Runs every step and appends its entry. Leaves early on a failure or Ctrl-C.
void measure(const ThreadsOptions& options,
             const std::vector<Step>& plan,
             nlohmann::json& scenarios,
             RunOutcome& outcome) {
    Progress progress(static_cast<int>(plan.size()));
    try {
        for (std::size_t i = 0; i < plan.size(); ++i) {
            progress.begin_step(
                static_cast<int>(i),
                fmt::format(
                    "repeat {}/{}, {}", plan[i].repeat + 1, options.repeats, plan[i].scenario));
            auto entry = measure_step(options, plan[i], progress);
            outcome.interrupted = !entry.has_value();
            if (outcome.interrupted) return;
            progress.note(outcome_line(*entry));
            scenarios.push_back(std::move(*entry));
        }
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

RunOutcome run(const ThreadsOptions& options) {
    catch_interrupts();
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    const std::vector<Step> plan = interleave(options.scenarios, options.repeats, options.seed);
    measure(options, plan, scenarios, outcome);
    mark_repeats(scenarios);
    const nlohmann::json summary = summarise_threads(scenarios, options.seed);
    nlohmann::json config = to_json(options);
    config["high_model"] = fmt::format("{0} products {1}x{1}", options.products, options.side);
    config["low_model"] = config["high_model"];
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "threads"},
                      {"headway", describe_build()},
                      {"host", describe_host(options.device)},
                      {"config", config},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_threads(scenarios, summary, plan.size())},
                      {"partial", scenarios.size() < plan.size()},
                      {"created", timestamp()}};
    return outcome;
}

// What the parse fills in.
struct Command {
    ThreadsOptions options;
    OutputPaths paths;
    std::unique_ptr<ThreadsOptionSet> option_set;
};

}  // namespace

void add_threads(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "threads", "Tasks of matrix products in up to 16 threads, some of high priority");
    auto command = std::make_shared<Command>();
    command->option_set = std::make_unique<ThreadsOptionSet>(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(footer());
    subcommand->callback([command, &exit_code] {
        command->option_set->resolve();
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(command->options));
    });
}

}  // namespace headway::bench
