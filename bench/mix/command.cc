#include "bench/mix/command.h"

#include "bench/failure.h"
#include "bench/mix/catalog.h"
#include "bench/mix/measure.h"
#include "bench/mix/options.h"
#include "bench/mix/summary.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/process/shim.h"
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

constexpr const char* kFooter =
    R"(Each member of a workload is a Python program of its own: ordinary PyTorch, started by
`headway run` where Headway schedules.

Scenarios: NAME-alone for each high member, low-alone, time-slicing (all, nothing scheduled),
headway (all, scheduled).

Examples:
  headway-bench mix --list
  headway-bench mix --workload gpt2-training --json mix.json
  headway-bench mix --workload my.toml --device cuda:0 --scenarios time-slicing,headway

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.)";

std::string latency_text(const std::string& name, const nlohmann::json& numbers) {
    std::string text = fmt::format("{} P50 {:.1f} ms, P99 {:.1f} ms, ",
                                   name,
                                   numbers.at("p50_ms").get<double>(),
                                   numbers.at("p99_ms").get<double>());
    if (!numbers.contains("between_tokens_ms")) return text;
    return text + fmt::format("first token P99 {:.1f} ms, between tokens P99 {:.1f} ms, ",
                              numbers.at("first_token_ms").at("p99").get<double>(),
                              numbers.at("between_tokens_ms").at("p99").get<double>());
}

std::string outcome_line(const MixOptions& options, const nlohmann::json& entry) {
    std::string line;
    if (entry.contains("high")) {
        line += latency_text(options.workload.members.front().name, entry.at("high"));
    }
    for (const nlohmann::json& member : entry.value("members", nlohmann::json::array()))
        line += latency_text(member.at("name").get<std::string>(), member.at("numbers"));
    if (entry.contains("low")) {
        line += fmt::format("low {:.2f} iterations/s, ",
                            entry.at("low").at("iterations_per_s").get<double>());
    }
    return line.substr(0, line.size() - 2);
}

// Runs every step and appends its entry. Leaves early on a failure or Ctrl-C.
void measure(const MixOptions& options,
             const std::vector<Step>& plan,
             nlohmann::json& scenarios,
             RunOutcome& outcome) {
    Progress progress(static_cast<int>(plan.size()));
    try {
        for (std::size_t i = 0; i < plan.size(); ++i) {
            const Step& step = plan[i];
            progress.begin_step(
                static_cast<int>(i),
                fmt::format("repeat {}/{}, {}", step.repeat + 1, options.repeats, step.scenario));
            MachineWatch watch(options.device);
            auto entry = measure_mix(options, step, progress);
            outcome.interrupted = !entry.has_value();
            if (outcome.interrupted) return;
            (*entry)["machine"] = watch.finish();
            progress.note(outcome_line(options, *entry));
            scenarios.push_back(std::move(*entry));
        }
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

// The machine, with the PyTorch that was measured: not the one that this program is built with.
nlohmann::json host_of(const MixOptions& options) {
    nlohmann::json host = describe_host(options.device);
    host["torch"] = options.facts.torch;
    host["python"] = options.facts.version;
    return host;
}

RunOutcome run(const MixOptions& options) {
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    const std::vector<Step> plan = interleave(options.scenarios, options.repeats, options.seed);
    measure(options, plan, scenarios, outcome);
    add_mix_bounds(scenarios, options);
    mark_repeats(scenarios);
    const nlohmann::json summary = summarise_mix(scenarios, options);
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "mix"},
                      {"headway", describe_build()},
                      {"host", host_of(options)},
                      {"config", to_json(options)},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_mix(scenarios, summary, plan.size())},
                      {"partial", scenarios.size() < plan.size()},
                      {"created", timestamp()}};
    return outcome;
}

void list_workloads() {
    for (const std::string& name : mix_names()) {
        const Workload workload = read_workload(find_mix(name), mix_programs_folder());
        fmt::print("{:<20}{}\n", name, workload.about);
    }
}

// What the parse fills in.
struct Command {
    MixOptions options;
    OutputPaths paths;
    bool list = false;
};

}  // namespace

void add_mix(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "mix", "Python programs together: decoding, training, long kernels, bursts, ...");
    auto command = std::make_shared<Command>();
    subcommand->add_flag("--list", command->list, "Say which workloads there are, and run nothing");
    add_mix_options(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(kFooter);
    subcommand->callback([command, &exit_code] {
        if (command->list) {
            list_workloads();
            return;
        }
        check_shim(false);
        catch_interrupts();
        resolve(command->options);
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(command->options));
    });
}

}  // namespace headway::bench
