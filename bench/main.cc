// headway-bench: measures what sharing a device costs, with and without Headway.
#include "base/version.h"
#include "bench/compare/command.h"
#include "bench/failure.h"
#include "bench/mix/command.h"
#include "bench/opencl_latency/command.h"
#include "bench/operators/command.h"
#include "bench/options/checks.h"
#include "bench/overhead/command.h"
#include "bench/overhead/overhead_run.h"
#include "bench/overhead/turn_child.h"
#include "bench/preempt/child_tasks.h"
#include "bench/preempt/command.h"
#include "bench/process/child.h"
#include "bench/process/child_main.h"
#include "bench/suite/command.h"
#include "bench/threads/command.h"
#include "bench/threads/task_threads.h"
#include "bench/two_models/command.h"
#include "bench/two_models/scenario_run.h"
#include "bench/two_models/side_run.h"
#include "bench/two_queues/child_tasks.h"
#include "bench/two_queues/command.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <cstring>
#include <exception>

namespace headway::bench {
namespace {

int parse_and_run(int argc, char** argv) {
    CLI::App app("Measures what sharing one device costs, with and without Headway.",
                 "headway-bench");
    app.set_version_flag("--version", fmt::format("headway-bench {} ({})", kVersion, kCommit));
    app.require_subcommand(1);
    // Of an option given twice the last counts, so that a script's defaults can be overridden.
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.get_formatter()->column_width(32);
    int exit_code = kExitDone;
    add_two_models(app, exit_code);
    add_two_matmul(app, exit_code);
    add_overhead(app, exit_code);
    add_threads(app, exit_code);
    add_operators(app, exit_code);
    add_preempt(app, exit_code);
    add_two_queues(app, exit_code);
    add_opencl_latency(app, exit_code);
    add_mix(app, exit_code);
    add_suite(app, exit_code);
    add_compare(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        throw Failure(describe(error, app), kExitBadArguments);
    }
    return exit_code;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) {
    using namespace headway::bench;
    if (argc == 2 && std::strcmp(argv[1], kChildCommand) == 0) {
        return child_main({{kScenarioTask, run_scenario},
                           {kSideTask, run_side},
                           {kTaskThreadsTask, run_task_threads},
                           {kOverheadTask, run_overhead},
                           {kTurnTask, run_turn_child},
                           {kRivalTask, run_idle_rival},
                           {kPreemptHighTask, run_preempt_high},
                           {kPreemptLowTask, run_preempt_low},
                           {kQueuesTask, run_queues},
                           {kQueuesCalibrationTask, run_queues_calibration}});
    }
    try {
        return parse_and_run(argc, argv);
    } catch (const Failure& failure) {
        fmt::print(stderr, "headway-bench: {}\n", failure.what());
        return failure.code();
    } catch (const std::exception& error) {
        fmt::print(stderr, "headway-bench: {}\n", error.what());
        return kExitFailed;
    }
}
