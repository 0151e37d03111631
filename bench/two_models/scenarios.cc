#include "bench/two_models/scenarios.h"

namespace headway::bench {
namespace {

// Both models, on a GPU only, and only if the scenario is named.
Scenario alternative_row(const char* name,
                         const char* help,
                         Scheduler scheduler,
                         Placement placement) {
    constexpr bool kGpuOnly = true;
    constexpr bool kByDefault = false;
    return {name, help, true, true, scheduler, kGpuOnly, placement, kByDefault};
}

Scenario mps_row(const char* name, const char* help, MpsShares shares) {
    Scenario row = alternative_row(name, help, Scheduler::kMps, Placement::kProcesses);
    row.mps = shares;
    return row;
}

Scenario green_row(const char* name, const char* help, int low_percent) {
    Scenario row = alternative_row(name, help, Scheduler::kGreenContext, Placement::kThreads);
    row.low_percent = low_percent;
    return row;
}

}  // namespace

const std::vector<Scenario>& all_scenarios() {
    constexpr auto kNone = Scheduler::kNone;
    constexpr auto kThreads = Placement::kThreads;
    constexpr auto kProcesses = Placement::kProcesses;
    static const std::vector<Scenario> table = {
        {"high-alone", "only the high-priority model", true, false, kNone, false},
        {"low-alone", "only the low-priority model", false, true, kNone, false},
        {"native", "both, nothing scheduled", true, true, kNone, false, kThreads},
        {"time-slicing", "both, nothing scheduled", true, true, kNone, false, kProcesses},
        {"stream-priority",
         "both, on streams with the GPU's own priorities",
         true,
         true,
         Scheduler::kStreamPriority,
         true,
         kThreads},
        green_row("green-80",
                  "both in green contexts: low on 80 % of the processors, high on the others",
                  80),
        green_row("green-50", "the same with half of them each", 50),
        mps_row("mps", "both, clients of MPS", {}),
        mps_row("mps-priority",
                "the same, low with a client priority below normal",
                {"0", "1", nullptr}),
        mps_row(
            "mps-80", "the same, low on at most 80 % of the processors", {nullptr, nullptr, "80"}),
        mps_row(
            "mps-50", "the same, low on at most 50 % of the processors", {nullptr, nullptr, "50"}),
        {"headway", "both, scheduled by Headway", true, true, Scheduler::kHeadway, false},
    };
    return table;
}

std::optional<Scenario> find_scenario(const std::string& name,
                                      const std::vector<External>& externals) {
    for (const Scenario& scenario : all_scenarios()) {
        if (name == scenario.name) return scenario;
    }
    for (const External& external : externals) {
        if (name != external.name) continue;
        return Scenario{external.name,
                        "both, each process started under a command of the user's",
                        true,
                        true,
                        Scheduler::kExternal,
                        false,
                        Placement::kProcesses};
    }
    return std::nullopt;
}

bool is_foreign(const Scenario& scenario) {
    return scenario.scheduler == Scheduler::kExternal || scenario.scheduler == Scheduler::kMps ||
           scenario.scheduler == Scheduler::kGreenContext;
}

std::vector<std::string> default_scenarios(const std::string& device, Placement placement) {
    std::vector<std::string> names;
    for (const Scenario& scenario : all_scenarios()) {
        if (!scenario.by_default || (scenario.gpu_only && device == "cpu")) continue;
        if (scenario.only.value_or(placement) == placement) names.push_back(scenario.name);
    }
    return names;
}

std::vector<std::string> scenario_names(Placement placement,
                                        const std::vector<External>& externals) {
    std::vector<std::string> names;
    for (const Scenario& scenario : all_scenarios()) {
        if (scenario.only.value_or(placement) == placement) names.push_back(scenario.name);
    }
    for (const External& external : externals)
        names.push_back(external.name);
    return names;
}

StreamKind stream_of(const Scenario& scenario, bool high, StreamKind wanted) {
    if (scenario.scheduler != Scheduler::kStreamPriority) return wanted;
    return high ? StreamKind::kPoolHighPriority : StreamKind::kPool;
}

Processors processors_of(const Scenario& scenario, bool high) {
    return {scenario.low_percent, high};
}

}  // namespace headway::bench
