#include "bench/suite/command.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/process/device_name.h"
#include "bench/process/interrupt.h"
#include "bench/result/host.h"
#include "bench/suite/items.h"
#include "bench/suite/overview.h"
#include "bench/suite/run.h"
#include "bench/suite/stored.h"
#include "bench/two_models/options.h"
#include "bench/two_queues/spin_queue.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace headway::bench {
namespace {

constexpr const char* kFooter =
    R"(A benchmark whose result is in the folder, complete, with the same options, of the same
version and machine, is not run again. Files that differ in any of these are refused,
unless --again.

Examples:
  headway-bench suite --quick --results results
  headway-bench suite --set all --device cuda:0 --results results/h200
  headway-bench suite --set overhead --results results --list

Exit status: 0 all done, 1 a benchmark failed or the suite was interrupted (the same command
goes on), 2 bad arguments or a folder with results of another kind.)";

struct Command {
    std::string set = "reference";
    std::string device = "cpu";
    std::string folder;
    bool quick = false;
    bool again = false;
    bool list = false;
};

bool is_opencl(const Command& command) {
    return opencl_index(command.device) >= 0;
}

CLI::Validator suite_device() {
    const auto check = [](std::string& text) -> std::string {
        if (opencl_index(text) >= 0 || gpu_index(text) != kNotADevice) return {};
        return fmt::format("must be cpu, cuda:N or opencl:N, not {}", text);
    };
    return CLI::Validator(check, "", "device");
}

struct Planned {
    SuiteItem item;
    StoredResult stored;
};

std::string path_of(const Command& command, const std::string& file) {
    return (std::filesystem::path(command.folder) / file).string();
}

std::vector<Planned> plan(const Command& command) {
    const Origin origin = {describe_build(),
                           describe_host(is_opencl(command) ? "cpu" : command.device)};
    std::vector<Planned> planned;
    for (const SuiteItem& item : suite_items(command.set, command.device, command.quick)) {
        planned.push_back({item, find_stored(path_of(command, item.name + ".json"), item, origin)});
    }
    return planned;
}

// Before anything runs: a result that is not ours to replace.
void check_stored(const Command& command, const std::vector<Planned>& planned) {
    if (command.again) return;
    for (const Planned& one : planned) {
        if (one.stored.kind != Stored::kOther) continue;
        throw Failure(fmt::format("{}: {}; name another --results, or replace it with --again",
                                  path_of(command, one.item.name + ".json"),
                                  one.stored.why),
                      kExitBadArguments);
    }
}

void make_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw Failure(fmt::format("--results {}: {}", folder, error.message()), kExitBadArguments);
    }
}

void list(const std::vector<Planned>& planned) {
    for (const Planned& one : planned) {
        const char* const state = one.stored.kind == Stored::kComplete  ? "done"
                                  : one.stored.kind == Stored::kPartial ? "interrupted"
                                  : one.stored.kind == Stored::kOther   ? "other"
                                                                        : "to do";
        fmt::print("{:<26}{:<13}{}\n", one.item.name, state, fmt::join(one.item.arguments, " "));
    }
}

// How many failed. Stops early on Ctrl-C.
int run_all(const Command& command, const std::vector<Planned>& planned) {
    int failed = 0;
    for (std::size_t i = 0; i < planned.size() && !interrupted(); ++i) {
        const SuiteItem& item = planned[i].item;
        const std::string prefix = fmt::format("({}/{} {})", i + 1, planned.size(), item.name);
        if (planned[i].stored.kind == Stored::kComplete && !command.again) {
            fmt::print(stderr, "{} is there already\n", prefix);
            continue;
        }
        SuiteRun run = {item.arguments, path_of(command, item.name + ".txt"), prefix};
        run.arguments.insert(run.arguments.end(),
                             {"--json", path_of(command, item.name + ".json")});
        const int status = run_benchmark(run);
        if (status == kExitDone || interrupted()) continue;
        ++failed;
        fmt::print(stderr, "{} failed with status {}\n", prefix, status);
    }
    return failed;
}

int run(const Command& command) {
    // Each benchmark of an OpenCL device looks for it itself.
    if (!is_opencl(command)) check_device(command.device);
    std::vector<Planned> planned = plan(command);
    if (planned.empty()) {
        throw Failure(
            fmt::format(
                "--set {}: there is nothing in it for --device {}", command.set, command.device),
            kExitBadArguments);
    }
    if (command.list) {
        list(planned);
        return kExitDone;
    }
    check_stored(command, planned);
    make_folder(command.folder);
    catch_interrupts();
    const int failed = run_all(command, planned);
    std::vector<std::string> names;
    names.reserve(planned.size());
    for (const Planned& one : planned)
        names.push_back(one.item.name);
    fmt::print("{}", write_overview(command.folder, names));
    std::fflush(stdout);
    if (interrupted()) {
        fmt::print(stderr,
                   "headway-bench: interrupted; what finished is in {}, and the same command "
                   "without --again goes on from there\n",
                   command.folder);
    }
    if (failed > 0) {
        fmt::print(stderr, "headway-bench: {} of {} failed\n", failed, planned.size());
    }
    return failed > 0 || interrupted() ? kExitFailed : kExitDone;
}

}  // namespace

void add_suite(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "suite", "A set of benchmarks into one folder, with one report over all of them");
    auto command = std::make_shared<Command>();
    subcommand->add_option("--set", command->set, "Which benchmarks")
        ->check(word_of(suite_sets()))
        ->type_name(fmt::format("{}", fmt::join(suite_sets(), "|")))
        ->capture_default_str();
    subcommand->add_option("--device", command->device, "Where they run")
        ->check(suite_device())
        ->type_name("cpu|cuda:N|opencl:N")
        ->capture_default_str();
    subcommand->add_option("--results", command->folder, "The folder of the results")
        ->type_name("FOLDER")
        ->required();
    subcommand->add_flag("--quick", command->quick, "Fewer repeats and shorter scenarios");
    subcommand->add_flag("--again", command->again, "Run and replace what is there already");
    subcommand->add_flag("--list", command->list, "Only say what would run");
    subcommand->footer(kFooter);
    subcommand->callback([command, &exit_code] { exit_code = run(*command); });
}

}  // namespace headway::bench
