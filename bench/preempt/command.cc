#include "bench/preempt/command.h"

#include "bench/failure.h"
#include "bench/preempt/options.h"
#include "bench/preempt/summary.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"
#include "bench/result/machine_watch.h"
#include "bench/result/marks.h"
#include "bench/two_models/plan.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace headway::bench {
namespace {

std::string footer() {
    std::string text = "Scenarios:\n";
    for (const PreemptScenario& scenario : preempt_scenarios())
        text += fmt::format("  {:<16}{}\n", scenario.name, scenario.what);
    return text + R"(
Examples:
  headway-bench preempt --json preempt.json
  headway-bench preempt --device cuda:1 --scenarios time-slicing,headway --repeats 1

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments or no GPU.)";
}

std::string outcome_line(const nlohmann::json& entry) {
    const nlohmann::json& latency = entry.at("latency_us");
    return fmt::format("P50 {:.0f} us, P99 {:.0f} us, max {:.0f} us",
                       latency.at("p50").get<double>(),
                       latency.at("p99").get<double>(),
                       latency.at("max").get<double>());
}

// Runs every step and appends its entry. Leaves early on a failure or Ctrl-C.
void measure(const PreemptOptions& options, nlohmann::json& scenarios, RunOutcome& outcome) {
    const std::vector<Step> plan = interleave(options.scenarios, options.repeats, options.seed);
    Progress progress(static_cast<int>(plan.size()));
    try {
        for (std::size_t i = 0; i < plan.size(); ++i) {
            const Step& step = plan[i];
            progress.begin_step(
                static_cast<int>(i),
                fmt::format("repeat {}/{}, {}", step.repeat + 1, options.repeats, step.scenario));
            MachineWatch watch(options.device);
            auto entry =
                measure_preemption(options.setup, *find_preempt_scenario(step.scenario), progress);
            outcome.interrupted = !entry.has_value();
            if (outcome.interrupted) return;
            (*entry)["repeat"] = step.repeat;
            (*entry)["machine"] = watch.finish();
            progress.note(outcome_line(*entry));
            scenarios.push_back(std::move(*entry));
        }
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

RunOutcome run(const PreemptOptions& options) {
    catch_interrupts();
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    measure(options, scenarios, outcome);
    mark_repeats(scenarios);
    const nlohmann::json summary = summarise_preempt(scenarios, options.seed);
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "preempt"},
                      {"headway", describe_build()},
                      {"host", describe_host(options.device)},
                      {"config", to_json(options)},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_preempt(summary)},
                      {"partial", outcome.interrupted || !outcome.failure.empty()},
                      {"created", timestamp()}};
    return outcome;
}

// What the parse fills in.
struct Command {
    PreemptOptions options;
    OutputPaths paths;
};

}  // namespace

void add_preempt(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "preempt", "How long an empty kernel waits for another process's long kernels");
    auto command = std::make_shared<Command>();
    add_preempt_options(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(footer());
    subcommand->callback([command, &exit_code] {
        resolve(command->options);
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(command->options));
    });
}

}  // namespace headway::bench
