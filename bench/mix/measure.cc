#include "bench/mix/measure.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/mix/catalog.h"
#include "bench/mix/scenarios.h"
#include "bench/process/environment.h"
#include "bench/process/shim.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace headway::bench {
namespace {

std::uint64_t to_ns(double seconds) {
    return static_cast<std::uint64_t>(std::llround(seconds * static_cast<double>(kNsPerS)));
}

// Of warm-up and measured window, from the common start. After that what came in the window comes
// again (bench/mixes/programs/member.py), until all members have their numbers.
std::vector<std::uint64_t> arrivals_ns(const MixOptions& options,
                                       const MixMember& member,
                                       std::size_t index,
                                       int repeat) {
    const MemberLoad& load = member.on(options.device);
    // Others in each repeat, and for each member.
    const std::uint64_t seed =
        options.seed + 1'000'003 * static_cast<std::uint64_t>(repeat) + 7'919 * index;
    ArrivalSchedule schedule({load.arrivals,
                              load.rate_per_s,
                              options.warm_up_s,
                              options.duration_s,
                              seed,
                              load.on_s,
                              load.off_s});
    const std::uint64_t end_ns = to_ns(options.warm_up_s + options.duration_s);
    std::vector<std::uint64_t> times_ns;
    for (std::uint64_t time_ns = schedule.next().offset_ns; time_ns < end_ns;
         time_ns = schedule.next().offset_ns) {
        times_ns.push_back(time_ns);
    }
    return times_ns;
}

nlohmann::json environment_of(const MixOptions& options) {
    nlohmann::json variables = without_lane_variables();
    const char* const path = ::getenv("PYTHONPATH");
    variables["PYTHONPATH"] =
        mix_programs_folder() + (path != nullptr && *path != '\0' ? ":" + std::string(path) : "");
    if (options.device != "cpu") return variables;
    // The CPU's gate also where there is a GPU, which then has nothing to do with the run.
    variables["HEADWAY_TORCH"] = "1";
    // Large tensors are not given back to the kernel after each operator.
    variables["MALLOC_MMAP_THRESHOLD_"] = "1073741824";
    variables["MALLOC_TRIM_THRESHOLD_"] = "2000000000";
    return variables;
}

std::vector<std::string> command_of(const MixOptions& options,
                                    const MixMember& member,
                                    bool headway) {
    std::vector<std::string> program = {options.facts.program, "-B", member.path};
    if (!headway) return program;
    std::vector<std::string> words = {find_headway(),
                                      "run",
                                      "--priority",
                                      std::to_string(member.priority),
                                      "--name",
                                      member.name,
                                      "--"};
    words.insert(words.end(), program.begin(), program.end());
    return words;
}

}  // namespace

std::vector<Member> mix_members(const MixOptions& options, const Step& step) {
    const MixScenario scenario = mix_scenario(options.workload, step.scenario);
    std::vector<Member> members;
    for (const MixMember* const member : scenario.members) {
        nlohmann::json job = {{"program", command_of(options, *member, scenario.headway)},
                              {"environment", environment_of(options)},
                              {"device", options.device},
                              {"role", member->high ? "high" : "low"},
                              {"parameters", member->on(options.device).parameters},
                              {"seed", options.seed},
                              {"warm_up_ns", to_ns(options.warm_up_s)},
                              {"duration_ns", to_ns(options.duration_s)}};
        if (member->high) {
            const auto index = static_cast<std::size_t>(member - options.workload.members.data());
            job["arrivals_ns"] = arrivals_ns(options, *member, index, step.repeat);
        }
        members.push_back({member->name, std::move(job)});
    }
    return members;
}

std::optional<nlohmann::json> measure_mix(const MixOptions& options,
                                          const Step& step,
                                          Progress& progress) {
    const GroupReport report = supervise_group(mix_members(options, step), options.cpus, progress);
    if (report.end == ChildEnd::kInterrupted) return std::nullopt;
    if (report.end == ChildEnd::kOutOfMemory) {
        throw Failure(
            fmt::format("{}; give it a smaller batch in the workload's file", report.message));
    }
    return mix_entry(options, step, report.results);
}

}  // namespace headway::bench
