#include "bench/overhead/command.h"

#include "bench/failure.h"
#include "bench/overhead/cases.h"
#include "bench/overhead/in_turns.h"
#include "bench/overhead/options.h"
#include "bench/overhead/overhead_run.h"
#include "bench/overhead/summary.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/process/supervise.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace headway::bench {
namespace {

std::string footer() {
    std::string text =
        "Each pair runs the same model without and with Headway, in random order, with no "
        "competitor.\n\nCases:\n";
    for (const OverheadCase& overhead_case : overhead_cases())
        text += fmt::format("  {:<8}{}\n", overhead_case.name, overhead_case.what);
    return text + R"(On a GPU low-b1 and low-b8 are bound by launching. graph needs a GPU.

Examples:
  headway-bench overhead
  headway-bench overhead --pairs 100 --json overhead.json
  headway-bench overhead --device cuda:0 --armed --json overhead-armed.json

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.)";
}

// Both sides in one process. False after Ctrl-C.
bool measure_in_blocks(const OverheadOptions& options,
                       const OverheadCase& overhead_case,
                       Progress& progress,
                       nlohmann::json& scenarios) {
    const nlohmann::json job = {{"task", kOverheadTask},
                                {"options", to_json(options.models)},
                                {"case", overhead_case.name},
                                {"pairs", options.pairs},
                                {"block_s", options.block_s}};
    ChildReport report = supervise(job, options.models.cpus, progress);
    if (report.end == ChildEnd::kOutOfMemory) throw Failure(report.message);
    if (report.end == ChildEnd::kInterrupted) return false;
    for (nlohmann::json& entry : report.result.at("scenarios"))
        scenarios.push_back(std::move(entry));
    return true;
}

bool measure_cases(const OverheadOptions& options, Progress& progress, nlohmann::json& scenarios) {
    for (std::size_t i = 0; i < options.cases.size(); ++i) {
        progress.begin_step(static_cast<int>(i), options.cases[i]);
        const OverheadCase& overhead_case = *find_overhead_case(options.cases[i]);
        const bool done = options.pairing == Pairing::kBlocks
                              ? measure_in_blocks(options, overhead_case, progress, scenarios)
                              : measure_in_turns(options, overhead_case, progress, scenarios);
        if (!done) return false;
        progress.note("measured");
    }
    return true;
}

// Appends the entries of all cases. Leaves early on a failure or Ctrl-C.
void measure(const OverheadOptions& options, nlohmann::json& scenarios, RunOutcome& outcome) {
    Progress progress(static_cast<int>(options.cases.size()));
    try {
        std::unique_ptr<TurnProcess> rival;
        bool going = true;
        if (options.armed) {
            progress.begin_step(0, "idle higher lane");
            rival = start_idle_rival(options);
            going = rival->await("ready", progress).has_value();
        }
        going = going && measure_cases(options, progress, scenarios);
        // It must have been there all the time.
        if (rival) going = going && rival->end(progress);
        outcome.interrupted = !going;
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

RunOutcome run(const OverheadOptions& options) {
    catch_interrupts();
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    measure(options, scenarios, outcome);
    const nlohmann::json summary =
        summarise_overhead(scenarios, options.cases, options.models.seed);
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "overhead"},
                      {"headway", describe_build()},
                      {"host", describe_host(options.models.device)},
                      {"config", config_of(options)},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_overhead(summary, options.cases, options.armed)},
                      {"partial", outcome.interrupted || !outcome.failure.empty()},
                      {"created", timestamp()}};
    return outcome;
}

// What the parse fills in.
struct Command {
    OverheadOptions options;
    OutputPaths paths;
    std::unique_ptr<OverheadOptionSet> option_set;
};

}  // namespace

void add_overhead(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "overhead", "What Headway costs each model when nobody competes, in interleaved pairs");
    auto command = std::make_shared<Command>();
    command->option_set = std::make_unique<OverheadOptionSet>(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(footer());
    subcommand->callback([command, &exit_code] {
        command->option_set->resolve();
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(command->options));
    });
}

}  // namespace headway::bench
