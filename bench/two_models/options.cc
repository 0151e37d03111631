#include "bench/two_models/options.h"

#include "bench/options/checks.h"
#include "bench/two_models/scenarios.h"
#include "headway/headway.h"

#include <algorithm>

namespace headway::bench {
namespace {

constexpr int kBatchMax = 65'536;
constexpr int kLowCountMax = 64;
constexpr int kMatmulSideMax = 32'768;
constexpr long long kMemoryMibMax = 1 << 30;

struct DeviceDefaults {
    double duration;
    double warm_up;
    double rate;
    Arrivals arrivals;
    int low_batch;
    int cpus;
    int matmul_side;
};

// GPU: the reference test. CPU: on one core of two, high alone takes some 30 ms a request, so 7
// requests/s use about a fifth of it; the largest operator of low at batch 2 takes some 9 ms, less
// than half a request. Both models share one core, which is then the contended device, because on
// two cores two single-threaded models would hardly meet. Poisson arrivals, as MLPerf's server
// scenario has them: with so few requests per second, evenly spaced ones would never queue. Matrix
// products: a request takes some 3 ms on that core, a product of low some 5 ms.
DeviceDefaults defaults_of(const Options& options) {
    const bool products = options.low_model == Architecture::kProducts;
    if (options.device == "cpu") {
        const double rate = options.high_model == Architecture::kProducts ? 20 : 7;
        return {15, 2, rate, Arrivals::kPoisson, products ? 1 : 2, 1, 256};
    }
    const int low_batch = products ? 1 : options.low_task == Task::kTraining ? 64 : 512;
    return {60, 5, 20, Arrivals::kUniform, low_batch, 0, 1024};
}

bool uses_products(const Options& options) {
    return options.high_model == Architecture::kProducts ||
           options.low_model == Architecture::kProducts;
}

}  // namespace

OptionSet::OptionSet(CLI::App& app, Options& options) : options_(options) {
    app.add_option("--device", options_.device, "Where both models run")
        ->check(device_name())
        ->type_name("cpu|cuda:N")
        ->capture_default_str();
    const auto split = [this](const std::string& names) {
        options_.scenarios = CLI::detail::split(names, ',');
    };
    app.add_option_function<std::string>(
           "--scenarios", split, "Which scenarios, separated by commas")
        ->type_name("NAME,...");
    const auto add_external = [this](const std::vector<std::string>& texts) {
        for (const std::string& text : texts)
            options_.externals.push_back(parse_external(text));
    };
    app.add_option_function<std::vector<std::string>>(
           "--external",
           add_external,
           "Another scenario: each model's process started under COMMAND, which finds "
           "HEADWAY_BENCH_ROLE=high or low and HEADWAY_BENCH_PRIORITY. May be repeated")
        ->allow_extra_args(false)
        ->type_name("NAME=COMMAND");
    app.add_option("--repeats", options_.repeats, "How often each scenario runs, in random order")
        ->check(whole(1, 1000))
        ->type_name("N")
        ->capture_default_str();
    add_load(app);
    add_models(app);
    add_scheduling(app);
    app.add_option("--memory-cap-mib",
                   options_.memory_cap_mib,
                   "Leave a scenario this much memory (0: all), to try the fallback of --low-batch")
        ->check(whole(0, kMemoryMibMax))
        ->type_name("N")
        ->capture_default_str()
        ->group("Testing");
}

void OptionSet::by_device(CLI::Option* option, std::function<void()> set_default) {
    set_defaults_.push_back([option, set = std::move(set_default)] {
        if (option->empty()) set();
    });
}

void OptionSet::add_load(CLI::App& app) {
    const std::string group = "Load (default on a CPU, on a GPU)";
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)->check(check)->type_name("N")->group(group);
        };
    Options& options = options_;
    by_device(add("--duration",
                  options.duration,
                  "Measured seconds of a scenario (15, 60)",
                  positive(86'400)),
              [&options] { options.duration = defaults_of(options).duration; });
    by_device(
        add("--warm-up", options.warm_up, "Seconds under load before that (2, 5)", positive(3'600)),
        [&options] { options.warm_up = defaults_of(options).warm_up; });
    by_device(add("--rate", options.rate, "Requests per second of high (7, 20)", positive(100'000)),
              [&options] { options.rate = defaults_of(options).rate; });
    by_device(
        add_choice<Arrivals>(app,
                             "--arrivals",
                             options.arrivals,
                             {{"uniform", Arrivals::kUniform}, {"poisson", Arrivals::kPoisson}},
                             "How requests are spaced (poisson, uniform)")
            ->group(group),
        [&options] { options.arrivals = defaults_of(options).arrivals; });
    add("--high-batch", options.high_batch, "Images per request of high", whole(1, kBatchMax))
        ->capture_default_str();
    by_device(add("--low-batch",
                  options.low_batch,
                  "Images per iteration of low (2, 512; training 2, 64)",
                  whole(1, kBatchMax)),
              [&options] { options.low_batch = defaults_of(options).low_batch; });
    add("--low-count",
        options.low_count,
        "How many models are low, all alike",
        whole(1, kLowCountMax))
        ->capture_default_str();
    by_device(
        add("--cpus", options.cpus, "CPUs that all models share, 0: all (1, 0)", whole(0, 4096)),
        [&options] { options.cpus = defaults_of(options).cpus; });
    add("--seed",
        options.seed,
        "For weights, inputs, arrivals and the order of scenarios",
        whole(0, INT64_MAX))
        ->capture_default_str();
}

void OptionSet::add_models(CLI::App& app) {
    const std::string group = "Models";
    add_choice<Architecture>(
        app,
        "--high-model",
        options_.high_model,
        {{"resnet18", Architecture::kResNet18}, {"matmul", Architecture::kProducts}},
        "What a request is: ResNet-18, or 4 matrix products")
        ->group(group);
    add_choice<Architecture>(
        app,
        "--low-model",
        options_.low_model,
        {{"resnet50", Architecture::kResNet50}, {"matmul", Architecture::kProducts}},
        "What an iteration of low is: ResNet-50, or 16 matrix products")
        ->group(group);
    by_device(app.add_option("--matmul-side",
                             options_.matmul_side,
                             "Of high's square matrices; low's have twice that (256, 1024)")
                  ->check(whole(1, kMatmulSideMax))
                  ->type_name("N")
                  ->group(group),
              [this] {
                  if (uses_products(options_)) {
                      options_.matmul_side = defaults_of(options_).matmul_side;
                  }
              });
    add_choice<Dtype>(app,
                      "--dtype",
                      options_.dtype,
                      {{"fp32", Dtype::kFp32}, {"fp16", Dtype::kFp16}, {"bf16", Dtype::kBf16}},
                      "Of weights and images")
        ->default_str("fp32")
        ->group(group);
    add_choice<Task>(app,
                     "--low-task",
                     options_.low_task,
                     {{"inference", Task::kInference}, {"training", Task::kTraining}},
                     "What an iteration of low is: a forward pass, or a step of SGD")
        ->default_str("inference")
        ->group(group);
    app.add_option("--threads", options_.threads, "CPU: ATen threads of each model")
        ->check(whole(1, 1024))
        ->type_name("N")
        ->capture_default_str()
        ->group(group);
    add_choice<Placement>(app,
                          "--placement",
                          options_.placement,
                          {{"threads", Placement::kThreads}, {"processes", Placement::kProcesses}},
                          "All models in one process, or each in its own")
        ->default_str("threads")
        ->group(group);
    add_choice<StreamKind>(app,
                           "--stream",
                           options_.stream,
                           {{"default", StreamKind::kDefault}, {"pool", StreamKind::kPool}},
                           "GPU: all on the default stream, or each on its own")
        ->default_str("default")
        ->group(group);
    app.add_flag("--high-graph", options_.high_graph, "GPU: high replays a captured CUDA graph")
        ->group(group);
    app.add_flag("--low-graph", options_.low_graph, "GPU: low replays a captured CUDA graph")
        ->group(group);
    app.add_flag_callback(
           "--no-tf32", [this] { options_.tf32 = false; }, "GPU: real FP32 convolutions, no TF32")
        ->group(group);
}

void OptionSet::add_scheduling(CLI::App& app) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str()
                ->group("Scheduling (as in headway/headway.h)");
        };
    const CLI::Validator priority = whole(HEADWAY_PRIORITY_MIN, HEADWAY_PRIORITY_MAX);
    add("--high-priority", options_.high_priority, "Priority of its lane, higher wins", priority);
    add("--low-priority", options_.low_priority, "Priority of its lane, higher wins", priority);
    add("--threshold", options_.threshold, "Most unfinished commands of a lane", whole(1, 65'535));
    add("--batch-size", options_.batch_size, "Commands between two markers", whole(1, 65'535));
    add("--budget-us", options_.budget_us, "Most unfinished predicted work", whole(1, 1'000'000));
    add("--linger-us",
        options_.linger_us,
        "How long high still counts as busy, or auto",
        linger_text());
    add("--max-hold-ms", options_.max_hold_ms, "Longest single hold", whole(1, 60'000));
    add("--timeslice-us",
        options_.timeslice_us,
        "GPU, processes: the device's time slice, auto or off",
        timeslice_text());
}

void OptionSet::resolve() {
    for (const auto& set_default : set_defaults_)
        set_default();
    if (options_.scenarios.empty())
        options_.scenarios = default_scenarios(options_.device, options_.placement);
    for (const External& external : options_.externals) {
        const auto& names = options_.scenarios;
        if (std::find(names.begin(), names.end(), external.name) != names.end()) continue;
        options_.scenarios.push_back(external.name);
    }
    check_together(options_);
    check_device(options_.device);
}

}  // namespace headway::bench
