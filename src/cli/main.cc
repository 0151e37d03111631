// The command `headway`.
#include "base/version.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run/options.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

namespace headway::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  headway doctor                      what Headway can do on this machine
  headway run --priority 1 -- ./job   run a CUDA program under a priority
  headway bench                       measure two real models side by side
  headway bench two-models --help     every option of the benchmark
  headway report result.json          the tables of a result again
  headway top                         watch who runs and who is held
  headway trace -o trace.json         record it, for ui.perfetto.dev
  headway status                      which lanes are on the devices now)";

constexpr const char* kReportExamples = R"(
Examples:
  headway report result.json
  headway report result.json -o result.html
  headway report result.json --format markdown >> NOTES.md)";

constexpr const char* kStatusExamples = R"(
Examples:
  headway status
  headway status --json | python3 -m json.tool
  HEADWAY_BOARD_DIR=/run/shared/headway headway status)";

constexpr const char* kTopExamples = R"(
Keys: p l h n sort by priority, launches, hold, name; arrows and Page Up, Page Down scroll; q quits.

Examples:
  headway top
  headway top --interval 0.2 --sort hold
  headway top --once                  one sample as plain text)";

constexpr const char* kTraceExamples = R"(
Open the file in ui.perfetto.dev. While a trace is recorded, launches of a lane that is alone on its
device are looked at too; otherwise they are not.

Examples:
  headway trace -o trace.json --duration 10
  headway trace -o trace.json                       until Ctrl-C
  headway trace -o trace.json --device GPU-8f3c     when there are several devices)";

constexpr const char* kDoctorExamples = R"(
Exit status: 0 if Headway can schedule something here, 1 if it can't.

Examples:
  headway doctor
  headway doctor --measure
  headway doctor --json > doctor.json)";

constexpr const char* kBenchHelp = R"(
All arguments go to headway-bench; without the name of a benchmark it runs two-models.

Examples:
  headway bench
  headway bench --duration 30 --repeats 5 --html result.html
  headway bench two-models --help
  headway bench overhead)";

constexpr const char* kRunExamples = R"(
The program becomes this process: its signals, exit status and terminal are its own. Threads that
enter no lane, and child processes, get the options given here; every option is an environment
variable too (--batch-size is HEADWAY_BATCH_SIZE), and what is not given is inherited.

Examples:
  headway run --priority 10 -- python3 serve.py
  headway run --priority 1 -- python3 train.py
  headway run --stats -- ./program             one line per lane when it ends
  headway run --config headway.toml serve      the program named serve in that file
  headway run --all                            all programs of ./headway.toml, until they end)";

struct Choice {
    ReportOptions report;
    RunOptions run;
    TopOptions top;
    TraceOptions trace;
    bool status_json = false;
    DoctorOptions doctor;
};

void add_report(CLI::App& app, Choice& choice) {
    CLI::App* report = app.add_subcommand("report", "Show a result file of headway-bench");
    report->add_option("FILE", choice.report.file, "The result file, JSON")->required();
    report
        ->add_option(
            "--format", choice.report.format, "table, markdown or html (from OUTPUT's name)")
        ->check(CLI::IsMember({"table", "markdown", "html"}));
    report->add_option(
        "-o,--output", choice.report.output, "Write here instead of standard output");
    report->footer(kReportExamples);
}

// One option of `run`, as it is on the command line: --batch-size for batch_size.
void add_run_option(CLI::App& run, const RunOption& option, RunOptions& options) {
    std::string name = "--" + std::string(option.key);
    std::replace(name.begin(), name.end(), '_', '-');
    if (option.kind == OptionKind::kSwitch) {
        run.add_flag_callback(
            name, [&options, &option] { options.variables[option.variable] = "1"; }, option.help);
        return;
    }
    const auto take = [&options, &option, name](const std::string& text) {
        const Result<std::string> value = option_value(option, text);
        if (!value.ok()) throw CLI::ValidationError(name, value.status().message());
        options.variables[option.variable] = value.value();
    };
    std::string takes = option.kind == OptionKind::kNumber   ? "N"
                        : option.kind == OptionKind::kFolder ? "FOLDER"
                                                             : "TEXT";
    if (*option.words != '\0') takes = std::string(option.words) + "|" + takes;
    run.add_option_function<std::string>(name, take, option.help)->type_name(takes);
}

void add_run(CLI::App& app, RunOptions& options) {
    CLI::App* run = app.add_subcommand("run", "Run a program, unchanged, under a priority");
    for (const RunOption& option : run_options()) {
        add_run_option(*run, option, options);
    }
    run->add_option("--config", options.config, "Take PROGRAM from this file, by its name")
        ->type_name("FILE");
    run->add_flag("--all", options.all, "Start all programs of the file (headway.toml), and wait");
    run->add_option("PROGRAM", options.program, "The program and its arguments, after --");
    run->positionals_at_end();
    run->footer(kRunExamples);
}

void add_top(CLI::App& app, TopOptions& options) {
    CLI::App* top = app.add_subcommand("top", "Watch the lanes on this machine's devices");
    top->add_option("--interval", options.interval_s, "Seconds between two looks (1)")
        ->check(CLI::Range(0.05, 3600.0));
    top->add_option("--sort", options.sort, "priority, launches, hold or name (priority)")
        ->check(CLI::IsMember({"priority", "launches", "hold", "name"}));
    top->add_flag("--once", options.once, "Print one sample of that length, and end");
    top->footer(kTopExamples);
}

void add_trace(CLI::App& app, TraceOptions& options) {
    CLI::App* trace = app.add_subcommand("trace", "Record what the lanes of a device do");
    trace->add_option("-o,--output", options.output, "The file to write, JSON")->required();
    trace->add_option("--device", options.device, "The device, as headway status names it");
    trace->add_option("--duration", options.duration_s, "Seconds (until Ctrl-C)")
        ->check(CLI::Range(0.001, 86400.0));
    trace->footer(kTraceExamples);
}

void describe(CLI::App& app, Choice& choice) {
    app.name("headway");
    app.set_version_flag("--version", fmt::format("headway {} ({})", kVersion, kCommit));
    app.footer(kExamples);
    app.add_subcommand("bench", "Run a benchmark (headway-bench)")->footer(kBenchHelp);
    add_report(app, choice);
    add_run(app, choice.run);
    CLI::App* status = app.add_subcommand("status", "Show the lanes on this machine's devices");
    status->add_flag("--json", choice.status_json, "Print JSON");
    status->footer(kStatusExamples);
    add_top(app, choice.top);
    add_trace(app, choice.trace);
    CLI::App* doctor =
        app.add_subcommand("doctor", "Show what Headway can do on this machine, and why");
    doctor->add_flag("--json", choice.doctor.json, "Print JSON");
    doctor->add_flag(
        "--measure",
        choice.doctor.measure,
        "Measure how soon the GPU takes a running kernel off, native and under Headway "
        "(about 10 s, on cuda:0)");
    doctor->footer(kDoctorExamples);
}

// One line, whatever CLI11 wrote, and where to read on.
int explain(const CLI::App& app, const CLI::ParseError& error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    const auto used = app.get_subcommands();
    const std::string command = used.empty() ? "headway" : "headway " + used.front()->get_name();
    fmt::print(stderr, "{}: {}; see {} --help\n", command, text, command);
    return kExitBadArguments;
}

int run(int argc, char** argv) {
    // What follows `bench` is not ours to understand.
    if (argc >= 2 && std::string(argv[1]) == "bench") {
        return run_bench(std::vector<std::string>(argv + 2, argv + argc));
    }
    CLI::App app("Priorities for programs that share one device.");
    Choice choice;
    describe(app, choice);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0) return explain(app, error);
        app.exit(error);
        return kExitDone;
    }
    // Not left to CLI11, which would name this before an argument that it does not know.
    if (app.get_subcommands().empty()) {
        fmt::print(
            stderr,
            "headway: which command? bench, run, report, status, top, trace or doctor; see headway "
            "--help\n");
        return kExitBadArguments;
    }
    if (app.got_subcommand("report")) return run_report(choice.report);
    if (app.got_subcommand("run")) {
        choice.run.may_be_name = std::none_of(
            argv, argv + argc, [](const char* word) { return std::strcmp(word, "--") == 0; });
        return run_program(choice.run);
    }
    if (app.got_subcommand("status")) return run_status(choice.status_json);
    if (app.got_subcommand("trace")) return run_trace(choice.trace);
    if (app.got_subcommand("top")) return run_top(choice.top);
    return run_doctor(choice.doctor);
}

}  // namespace
}  // namespace headway::cli

int main(int argc, char** argv) {
    // A reader that goes away (`headway status | head -1`) must not look like a crash.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return headway::cli::run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "headway: {}\n", error.what());
        return headway::cli::kExitFailed;
    }
}
