#include "bench/mix/options.h"

#include "bench/failure.h"
#include "bench/mix/catalog.h"
#include "bench/mix/scenarios.h"
#include "bench/options/checks.h"
#include "bench/process/child.h"
#include "bench/two_models/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headway::bench {
namespace {

// A GPU gets some hundred tokens' worth of requests. On a CPU everything is small, and most of a
// scenario's time goes into starting Python; all members share one core, as in two-models.
struct Defaults {
    double duration_s;
    double warm_up_s;
    int cpus;
};

constexpr Defaults kCpu = {5, 1, 1};
constexpr Defaults kGpu = {30, 3, 0};

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

void check_scenarios(const MixOptions& options) {
    const std::vector<std::string> names = mix_scenario_names(options.workload);
    std::set<std::string> seen;
    for (const std::string& name : options.scenarios) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            refuse(fmt::format("--scenarios: there is no scenario {}; there are: {}",
                               name,
                               fmt::join(names, ", ")));
        }
        if (!seen.insert(name).second) refuse(fmt::format("--scenarios: {} is named twice", name));
    }
}

void check_rates(const MixOptions& options) {
    for (const MixMember& member : options.workload.members) {
        const MemberLoad& load = member.on(options.device);
        if (!member.high || load.rate_per_s * options.duration_s >= 1) continue;
        refuse(fmt::format("--duration {}: {} gets less than one request in that time; raise it",
                           options.duration_s,
                           member.name));
    }
}

}  // namespace

void add_mix_options(CLI::App& app, MixOptions& options) {
    app.add_option("--workload", options.name, "Which workload: see --list; or a file of your own")
        ->type_name("NAME|FILE.toml");
    app.add_option("--device", options.device, "Where all members run")
        ->check(device_name())
        ->type_name("cpu|cuda:N")
        ->capture_default_str();
    const auto split = [&options](const std::string& names) {
        options.scenarios = CLI::detail::split(names, ',');
    };
    app.add_option_function<std::string>(
           "--scenarios", split, "Which scenarios, separated by commas")
        ->type_name("NAME,...");
    const auto add =
        [&](const char* name, auto& value, const char* help, const CLI::Validator& check) {
            return app.add_option(name, value, help)->check(check)->type_name("N");
        };
    add("--repeats",
        options.repeats,
        "How often each scenario runs, in random order",
        whole(1, 1000))
        ->capture_default_str();
    add("--duration",
        options.duration_s,
        "Measured seconds of a scenario (5, on a GPU 30)",
        positive(86'400));
    add("--warm-up", options.warm_up_s, "Seconds under load before that (1, 3)", positive(3'600));
    add("--cpus", options.cpus, "CPUs that all members share, 0: all (1, 0)", whole(0, 4096));
    add("--seed",
        options.seed,
        "For weights, inputs, arrivals and the order of scenarios",
        whole(0, INT64_MAX))
        ->capture_default_str();
    app.add_option(
           "--python",
           options.python,
           "The Python, with PyTorch, that runs the members (python3, else /usr/bin/python3)")
        ->type_name("PROGRAM");
}

void resolve(MixOptions& options) {
    if (options.name.empty()) {
        refuse(fmt::format("--workload: which? there are: {}", fmt::join(mix_names(), ", ")));
    }
    options.workload = read_workload(find_mix(options.name), mix_programs_folder());
    const Defaults& defaults = options.device == "cpu" ? kCpu : kGpu;
    if (options.duration_s <= 0) options.duration_s = defaults.duration_s;
    if (options.warm_up_s <= 0) options.warm_up_s = defaults.warm_up_s;
    if (options.cpus < 0) options.cpus = defaults.cpus;
    if (options.scenarios.empty()) options.scenarios = mix_scenario_names(options.workload);
    check_scenarios(options);
    check_rates(options);
    check_cpus(options.cpus);
    options.facts = find_python(options.python, options.device);
}

nlohmann::json to_json(const MixOptions& options) {
    const std::vector<MixMember>& members = options.workload.members;
    nlohmann::json json = {{"workload", options.name},
                           {"about", options.workload.about},
                           {"device", options.device},
                           {"scenarios", options.scenarios},
                           {"repeats", options.repeats},
                           {"duration", options.duration_s},
                           {"warm_up", options.warm_up_s},
                           {"seed", options.seed},
                           {"cpus", options.cpus},
                           {"python", options.facts.program},
                           {"placement", "processes"},
                           {"baseline", "time-slicing"},
                           {"high_model", members.front().about},
                           {"low_model", members.back().about},
                           {"rate", members.front().on(options.device).rate_per_s}};
    for (const MixMember& member : members) {
        const MemberLoad& load = member.on(options.device);
        const auto set = [&](const std::string& key, const nlohmann::json& value) {
            json[member.name + "." + key] = value;
        };
        set("about", member.about);
        set("role", member.high ? "high" : "low");
        set("priority", member.priority);
        set("program", member.program);
        for (const auto& [key, value] : load.parameters.items())
            set("parameters." + key, value);
        if (!member.high) continue;
        set("rate", load.rate_per_s);
        set("arrivals", arrivals_name(load.arrivals));
        if (load.arrivals != Arrivals::kOnOff) continue;
        set("on_s", load.on_s);
        set("off_s", load.off_s);
    }
    return json;
}

}  // namespace headway::bench
