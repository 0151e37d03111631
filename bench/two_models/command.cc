#include "bench/two_models/command.h"

#include "bench/failure.h"
#include "bench/result/finish.h"
#include "bench/result/outputs.h"
#include "bench/two_models/options.h"
#include "bench/two_models/runner.h"

#include <memory>

namespace headway::bench {
namespace {

constexpr const char* kFooter =
    R"(Scenarios of threads: high-alone, low-alone, native, headway; on a GPU also stream-priority,
and, only if named, green-80 and green-50: green contexts, low on so many percent.
Scenarios of processes: high-alone, low-alone, time-slicing, headway; on a GPU, only if named:
mps, mps-priority, mps-80, mps-50, each under an MPS that is started and stopped for it. (The
priorities of CUDA's streams hold inside one process only.) --external adds others.

Examples:
  headway-bench two-models
  headway-bench two-models --repeats 5 --json result.json --html result.html
  headway-bench two-models --scenarios native,headway --duration 5 --repeats 1
  headway-bench two-models --device cuda:0 --low-batch 256
  headway-bench two-models --device cuda:0 --placement processes --low-task training
  headway-bench two-models --placement processes --external 'peer=./recipe.sh'

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.)";

// What the parse fills in.
struct Command {
    Options options;
    OutputPaths paths;
    std::unique_ptr<OptionSet> option_set;
};

constexpr const char* kMatmulFooter =
    R"(Examples:
  headway-bench two-matmul
  headway-bench two-matmul --device cuda:0 --stream pool --json two-matmul.json
It is two-models --high-model matmul --low-model matmul; the scenarios are the same.

Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.)";

CLI::App* add(CLI::App& app, const Options& defaults, const char* help, int& exit_code) {
    auto* subcommand = app.add_subcommand(defaults.benchmark, help);
    auto command = std::make_shared<Command>();
    command->options = defaults;
    command->option_set = std::make_unique<OptionSet>(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->callback([command, &exit_code] {
        command->option_set->resolve();
        check_outputs(command->paths);
        exit_code = finish(command->paths, run_two_models(command->options));
    });
    return subcommand;
}

}  // namespace

void add_two_models(CLI::App& app, int& exit_code) {
    add(app,
        Options(),
        "ResNet-18 requests beside continuous ResNet-50 batches, alone and together",
        exit_code)
        ->footer(kFooter);
}

void add_two_matmul(CLI::App& app, int& exit_code) {
    Options defaults;
    defaults.benchmark = "two-matmul";
    defaults.high_model = Architecture::kProducts;
    defaults.low_model = Architecture::kProducts;
    CLI::App* const subcommand =
        add(app,
            defaults,
            "4 matrix products a request beside 16 larger ones without a pause",
            exit_code);
    for (const char* name : {"--high-model", "--low-model"})
        subcommand->remove_option(subcommand->get_option(name));
    subcommand->footer(kMatmulFooter);
}

}  // namespace headway::bench
