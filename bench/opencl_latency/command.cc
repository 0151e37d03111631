#include "bench/opencl_latency/command.h"

#include "bench/failure.h"
#include "bench/opencl_latency/clpeak.h"
#include "bench/opencl_latency/summary.h"
#include "bench/options/checks.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"
#include "bench/result/machine_watch.h"
#include "bench/result/numbers.h"

#include <fmt/format.h>

#include <memory>
#include <random>
#include <utility>

namespace headway::bench {
namespace {

constexpr const char* kFooter =
    "Each pair runs `clpeak --kernel-latency` by itself and under `headway run`, in random order,\n"
    "with no competitor.\n\n"
    "Examples:\n"
    "  headway-bench opencl-latency --json overhead.json\n"
    "  headway-bench opencl-latency --pairs 100 --platform 1\n\n"
    "Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.";

struct LatencyOptions {
    ClpeakSetup clpeak;
    int pairs = 40;
    std::uint64_t seed = 1;
};

nlohmann::json entry_of(const ClpeakResult& result, bool headway, int pair) {
    const double ms = result.latency_us / 1000;
    nlohmann::json entry = {{"name", headway ? "headway" : "native"},
                            {"repeat", pair},
                            {"workload", "kernel latency"},
                            {"high", {{"p50_ms", ms}, {"mean_ms", ms}}},
                            {"latency_us", {{"mean", result.latency_us}}}};
    if (headway) {
        entry["counters"]["high"] = {{"passed", result.passed}, {"gated", result.gated}};
    }
    return entry;
}

// Appends the entries of all pairs. Leaves early on a failure or Ctrl-C.
void measure(const LatencyOptions& options, nlohmann::json& scenarios, RunOutcome& outcome) {
    std::mt19937_64 generator(options.seed);
    Progress progress(options.pairs);
    try {
        // The platform compiles clpeak's kernels once, and keeps them.
        progress.begin_step(0, "first run, not counted");
        outcome.interrupted = !run_clpeak(options.clpeak, false);
        for (int pair = 0; pair < options.pairs && !outcome.interrupted; ++pair) {
            progress.begin_step(pair, fmt::format("pair {}/{}", pair + 1, options.pairs));
            const bool headway_first = generator() % 2 == 0;
            nlohmann::json both = nlohmann::json::array();
            for (const bool headway : {headway_first, !headway_first}) {
                MachineWatch watch("cpu");
                const auto result = run_clpeak(options.clpeak, headway);
                if (!result) {
                    outcome.interrupted = true;
                    return;
                }
                both.push_back(entry_of(*result, headway, pair));
                both.back()["machine"] = watch.finish();
            }
            for (nlohmann::json& entry : both)
                scenarios.push_back(std::move(entry));
        }
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

RunOutcome run(const LatencyOptions& options) {
    catch_interrupts();
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    measure(options, scenarios, outcome);
    const nlohmann::json summary = summarise_opencl_latency(scenarios, options.seed);
    const auto wanted = static_cast<std::size_t>(options.pairs) * 2;
    outcome.result = {{"schema", "headway.bench/1"},
                      {"benchmark", "opencl-latency"},
                      {"headway", describe_build()},
                      {"host", describe_host("cpu")},
                      {"config",
                       {{"program", options.clpeak.program},
                        {"platform", options.clpeak.platform},
                        {"device", options.clpeak.device},
                        {"pairs", options.pairs},
                        {"seed", options.seed},
                        {"high_model", "clpeak's kernel launch"}}},
                      {"scenarios", scenarios},
                      {"summary", summary},
                      {"verdict", judge_opencl_latency(scenarios, summary, wanted)},
                      {"partial", scenarios.size() < wanted},
                      {"created", timestamp()}};
    return outcome;
}

// What the parse fills in.
struct Command {
    LatencyOptions options;
    OutputPaths paths;
};

}  // namespace

void add_opencl_latency(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "opencl-latency", "What Headway adds to clpeak's kernel latency when nobody competes");
    auto command = std::make_shared<Command>();
    LatencyOptions& options = command->options;
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return subcommand->add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str();
        };
    add("--platform", options.clpeak.platform, "OpenCL platform, as clpeak counts", whole(0, 1000));
    add("--device", options.clpeak.device, "Device of the platform", whole(0, 1000));
    add("--pairs", options.pairs, "Pairs of runs", whole(1, 100'000));
    subcommand->add_option("--program", options.clpeak.program, "clpeak, or its path")
        ->capture_default_str();
    add("--seed", options.seed, "For the order within a pair", whole(0, INT64_MAX));
    add_output_options(*subcommand, command->paths);
    subcommand->footer(kFooter);
    subcommand->callback([command, &exit_code] {
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(command->options));
    });
}

}  // namespace headway::bench
