// The command `headway`.
#include "base/version.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
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

constexpr const char* kDoctorExamples = R"(
Exit status: 0 if Headway can schedule something here, 1 if it can't.

Examples:
  headway doctor
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
enter no lane, and child processes, get the priority given here.

Examples:
  headway run --priority 10 -- python3 serve.py
  headway run --priority 1 -- python3 train.py
  headway run --stats -- ./program             one line per lane when it ends)";

struct Choice {
    ReportOptions report;
    RunOptions run;
    bool status_json = false;
    bool doctor_json = false;
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

void add_run(CLI::App& app, RunOptions& options) {
    CLI::App* run = app.add_subcommand("run", "Run a CUDA program, unchanged, under a priority");
    const auto add =
        [run](const char* name, std::optional<int>& value, const char* text, int min, int max) {
            run->add_option(name, value, text)->check(CLI::Range(min, max));
        };
    add("--priority", options.priority, "Higher wins", -256, 255);
    add("--threshold", options.threshold, "Most unfinished commands", 1, 65535);
    add("--batch-size", options.batch_size, "Commands between two markers", 1, 65535);
    add("--budget-us", options.budget_us, "Most unfinished predicted work", 1, 1'000'000);
    add("--linger-us",
        options.linger_us,
        "How long it counts as busy after its last activity",
        0,
        1'000'000);
    add("--max-hold-ms", options.max_hold_ms, "Longest single hold", 1, 60'000);
    run->add_option("--name", options.name, "Shown by headway status");
    run->add_flag("--stats", options.stats, "Say at the end what was gated and held");
    run->add_option("PROGRAM", options.program, "The program and its arguments, after --")
        ->required();
    run->positionals_at_end();
    run->footer(kRunExamples);
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
    CLI::App* doctor =
        app.add_subcommand("doctor", "Show what Headway can do on this machine, and why");
    doctor->add_flag("--json", choice.doctor_json, "Print JSON");
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
            "headway: which command? bench, run, report, status or doctor; see headway --help\n");
        return kExitBadArguments;
    }
    if (app.got_subcommand("report")) return run_report(choice.report);
    if (app.got_subcommand("run")) return run_program(choice.run);
    if (app.got_subcommand("status")) return run_status(choice.status_json);
    return run_doctor(choice.doctor_json);
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
