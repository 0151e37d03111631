#include "bench/two_queues/command.h"

#include "bench/failure.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"
#include "bench/result/machine_watch.h"
#include "bench/result/marks.h"
#include "bench/two_models/plan.h"
#include "bench/two_models/summary.h"
#include "bench/two_queues/measure.h"
#include "bench/two_queues/options.h"
#include "bench/two_queues/summary.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace headway::bench {
namespace {

std::string footer() {
    std::string text =
        "High makes a request at a fixed rate: one kernel, whose end it waits for. Low enqueues "
        "one "
        "kernel after\nthe other.\n\nScenarios:\n";
    for (const QueuesScenario& scenario : queues_scenarios())
        text += fmt::format("  {:<12}{}\n", scenario.name, scenario.what);
    return text + R"(
Examples:
  headway-bench two-queues --json two-queues.json
  headway-bench two-queues --placement shared-queue --arrivals poisson
  headway-bench two-queues --device opencl:1 --scenarios native,headway

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments or no
device.)";
}

std::string outcome_line(const nlohmann::json& entry) {
    std::string line;
    if (entry.contains("high")) {
        const nlohmann::json& high = entry.at("high");
        line = fmt::format("high P50 {:.1f} ms, P99 {:.1f} ms",
                           high.at("p50_ms").get<double>(),
                           high.at("p99_ms").get<double>());
    }
    if (!entry.contains("low")) return line;
    return fmt::format("{}{}low {:.1f} kernels/s",
                       line,
                       line.empty() ? "" : ", ",
                       entry.at("low").at("iterations_per_s").get<double>());
}

struct Measured {
    nlohmann::json scenarios = nlohmann::json::array();
    std::optional<QueuesCalibration> calibration;
};

// Runs every step and appends its entry. Leaves early on a failure or Ctrl-C.
void measure(const QueuesOptions& options,
             const std::vector<Step>& plan,
             Measured& measured,
             RunOutcome& outcome) {
    Progress progress(static_cast<int>(plan.size()));
    try {
        progress.begin_step(0, "calibration");
        measured.calibration = calibrate_queues(options, progress);
        outcome.interrupted = !measured.calibration.has_value();
        for (std::size_t i = 0; i < plan.size() && !outcome.interrupted; ++i) {
            const Step& step = plan[i];
            progress.begin_step(
                static_cast<int>(i),
                fmt::format("repeat {}/{}, {}", step.repeat + 1, options.repeats, step.scenario));
            MachineWatch watch("cpu");
            auto entry = measure_queues(options,
                                        *measured.calibration,
                                        *find_queues_scenario(step.scenario),
                                        step.repeat,
                                        progress);
            outcome.interrupted = !entry.has_value();
            if (outcome.interrupted) return;
            (*entry)["repeat"] = step.repeat;
            (*entry)["machine"] = watch.finish();
            progress.note(outcome_line(*entry));
            measured.scenarios.push_back(std::move(*entry));
        }
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

// The options, and what the device turned out to be.
nlohmann::json config_of(const QueuesOptions& options, const Measured& measured) {
    nlohmann::json config = to_json(options);
    if (!measured.calibration) return config;
    config["opencl_device"] = measured.calibration->device;
    config["opencl_platform"] = measured.calibration->platform;
    config["opencl_units"] = measured.calibration->units;
    config["steps_per_ms"] = measured.calibration->steps_per_ms;
    return config;
}

RunOutcome run(const QueuesOptions& options) {
    catch_interrupts();
    RunOutcome outcome;
    Measured measured;
    const std::vector<Step> plan = interleave(options.scenarios, options.repeats, options.seed);
    measure(options, plan, measured, outcome);
    nlohmann::json& scenarios = measured.scenarios;
    add_exclusive_bounds(scenarios, options.rate);
    mark_repeats(scenarios);
    const nlohmann::json summary = summarise_ratios(scenarios, options.seed);
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "two-queues"},
                      {"headway", describe_build()},
                      {"host", describe_host("cpu")},
                      {"config", config_of(options, measured)},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_queues(scenarios, summary, plan.size(), options.placement)},
                      {"partial", scenarios.size() < plan.size()},
                      {"created", timestamp()}};
    return outcome;
}

// What the parse fills in.
struct Command {
    QueuesOptions options;
    OutputPaths paths;
};

}  // namespace

void add_two_queues(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "two-queues", "OpenCL: short kernels at a fixed rate beside long ones without a pause");
    auto command = std::make_shared<Command>();
    add_queues_options(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(footer());
    subcommand->callback([command, &exit_code] {
        resolve(command->options);
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(command->options));
    });
}

}  // namespace headway::bench
