#include "bench/threads/options.h"

#include "bench/failure.h"
#include "bench/options/checks.h"
#include "bench/threads/scenarios.h"
#include "bench/two_models/options.h"
#include "headway/headway.h"

#include <fmt/format.h>

#include <set>

namespace headway::bench {

NLOHMANN_JSON_SERIALIZE_ENUM(StreamKind,
                             {{StreamKind::kDefault, "default"}, {StreamKind::kPool, "pool"}})

namespace {

constexpr int kSideMax = 32'768;
constexpr int kCountMax = 100'000;
constexpr int kSideCpu = 256;   // a task of 30 products takes some 20 ms on one core
constexpr int kSideGpu = 2048;  // the reference test
constexpr double kThinkMsMax = 60'000;

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (const ThreadsScenario& scenario : threads_scenarios())
        names.emplace_back(scenario.name);
    return names;
}

void check_scenarios(const std::vector<std::string>& wanted) {
    std::set<std::string> seen;
    for (const std::string& name : wanted) {
        if (find_threads_scenario(name) == nullptr) {
            refuse(fmt::format("--scenarios: there is no scenario {}; there are: {}",
                               name,
                               fmt::join(all_names(), ", ")));
        }
        if (!seen.insert(name).second) refuse(fmt::format("--scenarios: {} is named twice", name));
    }
}

// Visits every option once, for both directions.
template <typename OptionsType, typename Visitor>
void visit(OptionsType& options, Visitor&& field) {
    field("device", options.device);
    field("scenarios", options.scenarios);
    field("repeats", options.repeats);
    field("side", options.side);
    field("products", options.products);
    field("tasks", options.tasks);
    field("think_ms", options.think_ms);
    field("cpus", options.cpus);
    field("tf32", options.tf32);
    field("stream", options.stream);
    field("high_priority", options.high_priority);
    field("low_priority", options.low_priority);
    field("threshold", options.threshold);
    field("batch_size", options.batch_size);
    field("budget_us", options.budget_us);
    field("linger_us", options.linger_us);
    field("max_hold_ms", options.max_hold_ms);
    field("seed", options.seed);
}

}  // namespace

nlohmann::json to_json(const ThreadsOptions& options) {
    nlohmann::json json;
    visit(options, [&](const char* name, const auto& value) { json[name] = value; });
    return json;
}

ThreadsOptions threads_options_from_json(const nlohmann::json& json) {
    ThreadsOptions options;
    visit(options, [&](const char* name, auto& value) { json.at(name).get_to(value); });
    return options;
}

ThreadsOptionSet::ThreadsOptionSet(CLI::App& app, ThreadsOptions& options) : options_(options) {
    app.add_option("--device", options_.device, "Where all threads run")
        ->check(device_name())
        ->type_name("cpu|cuda:N")
        ->capture_default_str();
    const auto split = [this](const std::string& names) {
        options_.scenarios = CLI::detail::split(names, ',');
    };
    app.add_option_function<std::string>(
           "--scenarios", split, "Which scenarios, separated by commas")
        ->type_name("NAME,...");
    add_load(app);
    add_scheduling(app);
}

void ThreadsOptionSet::add_load(CLI::App& app) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)->check(check)->type_name("N");
        };
    ThreadsOptions& options = options_;
    add("--repeats", options.repeats, "How often each scenario runs", whole(1, 1000))
        ->capture_default_str();
    side_ = add(
        "--side", options.side, "Of the square matrices (CPU: 256, GPU: 2048)", whole(1, kSideMax));
    add("--products", options.products, "Matrix products of a task", whole(1, kCountMax))
        ->capture_default_str();
    add("--tasks", options.tasks, "Tasks of a thread", whole(1, kCountMax))->capture_default_str();
    add("--think-ms",
        options.think_ms,
        "Mean pause after a task, where a scenario has pauses",
        positive(kThinkMsMax))
        ->capture_default_str();
    cpus_ = add("--cpus",
                options.cpus,
                "CPUs that all threads share, 0: all (CPU: 1, GPU: 0)",
                whole(0, 4096));
    add_choice<StreamKind>(app,
                           "--stream",
                           options.stream,
                           {{"default", StreamKind::kDefault}, {"pool", StreamKind::kPool}},
                           "GPU: all on the default stream, or each on its own")
        ->default_str("default");
    app.add_flag_callback(
        "--tf32", [&options] { options.tf32 = true; }, "GPU: TF32 products, as PyTorch's are not");
    add("--seed", options.seed, "For matrices, pauses and the order", whole(0, INT64_MAX))
        ->capture_default_str();
}

void ThreadsOptionSet::add_scheduling(CLI::App& app) {
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            app.add_option(name, value, help)
                ->check(check)
                ->type_name("N")
                ->capture_default_str()
                ->group("Scheduling (as in headway/headway.h)");
        };
    const CLI::Validator priority = whole(HEADWAY_PRIORITY_MIN, HEADWAY_PRIORITY_MAX);
    add("--high-priority", options_.high_priority, "Of high's lanes, higher wins", priority);
    add("--low-priority", options_.low_priority, "Of low's lanes, higher wins", priority);
    add("--threshold", options_.threshold, "Most unfinished commands of a lane", whole(1, 65'535));
    add("--batch-size", options_.batch_size, "Commands between two markers", whole(1, 65'535));
    add("--budget-us", options_.budget_us, "Most unfinished predicted work", whole(1, 1'000'000));
    add("--linger-us",
        options_.linger_us,
        "How long high still counts as busy, or auto",
        linger_text());
    add("--max-hold-ms", options_.max_hold_ms, "Longest single hold", whole(1, 60'000));
}

void ThreadsOptionSet::resolve() {
    const bool cpu = options_.device == "cpu";
    if (side_->empty()) options_.side = cpu ? kSideCpu : kSideGpu;
    if (cpus_->empty()) options_.cpus = cpu ? 1 : 0;
    if (options_.scenarios.empty()) options_.scenarios = all_names();
    check_scenarios(options_.scenarios);
    if (options_.batch_size > options_.threshold) {
        refuse(fmt::format(
            "--batch-size {} is above --threshold {}; markers come at least once per window",
            options_.batch_size,
            options_.threshold));
    }
    if (cpu && options_.stream != StreamKind::kDefault) {
        refuse("--stream: a CPU has no streams; leave it out or name a GPU with --device");
    }
    check_cpus(options_.cpus);
    check_device(options_.device);
}

}  // namespace headway::bench
