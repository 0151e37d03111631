#include "bench/operators/command.h"

#include "bench/failure.h"
#include "bench/models/operators.h"
#include "bench/operators/summary.h"
#include "bench/options/checks.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/result/finish.h"
#include "bench/result/host.h"
#include "bench/result/machine_watch.h"
#include "bench/two_models/options.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace headway::bench {
namespace {

constexpr const char* kFooter =
    "Times each operator of a model's forward pass, alone on the device, and adds up what each "
    "class\n"
    "of operators takes and how long it lets a request wait that comes at any moment of the "
    "pass.\n\n"
    "Examples:\n"
    "  headway-bench operators --json operators.json\n"
    "  headway-bench operators --device cuda:0 --model resnet50 --batch 512\n\n"
    "Exit status: 0 done, 1 failed or interrupted (what finished is kept), 2 bad arguments.";

constexpr int kWarmUpPasses = 2;
constexpr int kBatchCpu = 2;
constexpr int kBatchGpu = 512;  // the reference test's

struct OperatorsOptions {
    std::string device = "cpu";
    Architecture model = Architecture::kResNet50;
    int batch = 0;
    int repeats = 10;
    bool tf32 = true;
    std::uint64_t seed = 1;
};

ModelSpec spec_of(const OperatorsOptions& options) {
    ModelSpec spec;
    spec.architecture = options.model;
    spec.device = options.device;
    spec.batch = options.batch;
    spec.seed = options.seed;
    return spec;
}

// Appends the entries of all passes. Leaves early on a failure or Ctrl-C.
void measure(const OperatorsOptions& options, nlohmann::json& scenarios, RunOutcome& outcome) {
    Progress progress(options.repeats);
    try {
        progress.begin_step(0, "loading, and passes that are not counted");
        prepare_torch(options.tf32);
        Model model(spec_of(options));
        model.bind_thread();
        for (int pass = 0; pass < kWarmUpPasses; ++pass)
            time_operators(model, options.device);
        for (int pass = 0; pass < options.repeats; ++pass) {
            outcome.interrupted = interrupted();
            if (outcome.interrupted) return;
            progress.begin_step(pass, fmt::format("pass {}/{}", pass + 1, options.repeats));
            MachineWatch watch(options.device);
            nlohmann::json entries = entries_of_pass(time_operators(model, options.device), pass);
            const nlohmann::json machine = watch.finish();
            for (nlohmann::json& entry : entries) {
                entry["machine"] = machine;
                scenarios.push_back(std::move(entry));
            }
        }
    } catch (const OutOfMemory& failure) {
        outcome.failure = fmt::format("{}: lower --batch, or free some memory", failure.what());
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
}

nlohmann::json to_json(const OperatorsOptions& options) {
    const char* const model = architecture_name(options.model);
    return {{"device", options.device},
            {"model", model},
            {"batch", options.batch},
            {"repeats", options.repeats},
            {"tf32", options.tf32},
            {"seed", options.seed},
            {"high_model", fmt::format("{}, batch {}", model, options.batch)}};
}

RunOutcome run(const OperatorsOptions& options) {
    catch_interrupts();
    RunOutcome outcome;
    nlohmann::json scenarios = nlohmann::json::array();
    measure(options, scenarios, outcome);
    const int passes = scenarios.empty() ? 0 : scenarios.back().at("repeat").get<int>() + 1;
    outcome.result = {
        {"schema", "headway.bench/1"},
        {"benchmark", "operators"},
        {"headway", describe_build()},
        {"host", describe_host(options.device)},
        {"config", to_json(options)},
        {"scenarios", scenarios},
        {"summary", summarise_operators(scenarios, options.seed)},
        {"verdict",
         {{"minimum",
           {{"met", passes == options.repeats},
            {"detail", fmt::format("{} of {} passes delivered data", passes, options.repeats)}}}}},
        {"partial", passes < options.repeats},
        {"created", timestamp()}};
    return outcome;
}

// What the parse fills in.
struct Command {
    OperatorsOptions options;
    OutputPaths paths;
};

void add_options(CLI::App& app, OperatorsOptions& options) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)->check(check)->type_name("N");
        };
    app.add_option("--device", options.device, "Where the model runs")
        ->check(device_name())
        ->type_name("cpu|cuda:N")
        ->capture_default_str();
    add_choice<Architecture>(
        app,
        "--model",
        options.model,
        {{"resnet18", Architecture::kResNet18}, {"resnet50", Architecture::kResNet50}},
        "Whose operators")
        ->default_str("resnet50");
    add("--batch", options.batch, "Images of a pass (CPU: 2, GPU: 512)", whole(1, 65'536));
    add("--repeats", options.repeats, "Passes that are counted", whole(1, 1000))
        ->capture_default_str();
    app.add_flag_callback(
        "--no-tf32", [&options] { options.tf32 = false; }, "GPU: real FP32, no TF32");
    add("--seed", options.seed, "For weights and input", whole(0, INT64_MAX))
        ->capture_default_str();
}

}  // namespace

void add_operators(CLI::App& app, int& exit_code) {
    auto* subcommand = app.add_subcommand(
        "operators", "How long each class of a model's operators runs, and lets a request wait");
    auto command = std::make_shared<Command>();
    add_options(*subcommand, command->options);
    add_output_options(*subcommand, command->paths);
    subcommand->footer(kFooter);
    subcommand->callback([command, &exit_code] {
        OperatorsOptions& options = command->options;
        if (options.batch == 0) options.batch = options.device == "cpu" ? kBatchCpu : kBatchGpu;
        check_device(options.device);
        check_outputs(command->paths);
        exit_code = finish(command->paths, run(options));
    });
}

}  // namespace headway::bench
