#include "bench/compare/command.h"

#include "bench/compare/compare.h"
#include "bench/failure.h"
#include "report/format.h"
#include "report/report.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

namespace headway::bench {
namespace {

constexpr const char* kFooter =
    R"(A ratio is worse when the 95 % intervals of the two files don't overlap and the new one
lies on the bad side. Files of another benchmark, other options or another machine are
refused, unless --force.

Examples:
  headway-bench compare before.json after.json
  headway-bench compare --json - bench/results/cpu/two-models.json after.json

Exit status: 0 nothing got worse, 1 something did, 2 the files can't be read or compared.)";

struct Command {
    std::string before;
    std::string after;
    std::string json;
    bool force = false;
};

report::BenchResult load(const std::string& path) {
    Result<report::BenchResult> result = report::load_result(path);
    if (result.ok()) return std::move(result.value());
    throw Failure(fmt::format("{}: {}", path, result.status().message()), kExitBadArguments);
}

void check_compatible(const report::BenchResult& before,
                      const report::BenchResult& after,
                      bool force) {
    const std::vector<std::string> found = incompatibilities(before, after);
    if (found.empty()) return;
    const std::string list = fmt::format("{}", fmt::join(found, "; "));
    if (!force) {
        throw Failure(
            fmt::format("the files are not of the same run: {}; --force compares anyway", list),
            kExitBadArguments);
    }
    fmt::print(stderr, "headway-bench: compared in spite of {}\n", list);
}

// "-" is standard output, in place of the table.
void write(const Command& command, const Comparison& comparison) {
    const std::string json = comparison_json(comparison).dump(1) + '\n';
    const std::string shown = command.json == "-" ? json : comparison_text(comparison);
    if (std::fputs(shown.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
        throw Failure("can't write to standard output", kExitBadArguments);
    }
    if (command.json.empty() || command.json == "-") return;
    const Status written = report::write_file(command.json, json);
    if (!written.ok()) {
        throw Failure(fmt::format("--json {}: {}", command.json, written.message()),
                      kExitBadArguments);
    }
}

int run(const Command& command) {
    const report::BenchResult before = load(command.before);
    const report::BenchResult after = load(command.after);
    check_compatible(before, after, command.force);
    const Comparison comparison = compare_results(before, after);
    write(command, comparison);
    // A gate that compared nothing has not passed.
    if (count_of(comparison, Change::kNotCompared) == comparison.ratios.size()) {
        throw Failure("nothing could be compared: no ratio has an interval in both files",
                      kExitBadArguments);
    }
    return count_of(comparison, Change::kWorse) > 0 ? kExitFailed : kExitDone;
}

}  // namespace

void add_compare(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "compare", "Which ratios of a result file got worse than in an older one");
    auto command = std::make_shared<Command>();
    subcommand->add_option("OLD", command->before, "The result file to compare with")->required();
    subcommand->add_option("NEW", command->after, "The result file in question")->required();
    subcommand->add_option("--json", command->json, "Write the comparison as JSON; - prints it")
        ->type_name("FILE");
    subcommand->add_flag(
        "--force", command->force, "Compare files of other benchmarks, options or machines too");
    subcommand->footer(kFooter);
    subcommand->callback([command, &exit_code] { exit_code = run(*command); });
}

}  // namespace headway::bench
