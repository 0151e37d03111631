#include "bench/two_queues/measure.h"

#include "bench/failure.h"
#include "bench/process/environment.h"
#include "bench/process/group.h"
#include "bench/process/shim.h"
#include "bench/process/supervise.h"
#include "bench/two_queues/child_tasks.h"

#include <cmath>
#include <utility>
#include <vector>

namespace headway::bench {
namespace {

// The variables that every child gets. PoCL makes its device of as many threads as the machine has
// CPUs. Here it gets the CPUs that are to be the device, with one thread bound to each: then the
// programs' own threads have the others, as they have beside a GPU. Other platforms know nothing of
// that.
nlohmann::json environment_of(const QueuesOptions& options) {
    return {{"POCL_MAX_PTHREAD_COUNT", std::to_string(options.device_cpus)},
            {"POCL_AFFINITY", "1"}};
}

nlohmann::json side_of(const QueuesOptions& options,
                       const QueuesCalibration& calibration,
                       int repeat,
                       bool high) {
    const double ms = high ? options.high_ms : options.low_ms;
    nlohmann::json side = {{"high", high},
                           {"steps", std::llround(std::max(calibration.steps_per_ms * ms, 1.0))},
                           {"priority", high ? options.high_priority : options.low_priority}};
    if (!high) {
        side["depth"] = options.low_depth;
        return side;
    }
    side["rate"] = options.rate;
    side["poisson"] = options.arrivals == Arrivals::kPoisson;
    // The same arrivals in all scenarios of a repeat, others in the next repeat.
    side["seed"] = options.seed + 1'000'003 * static_cast<std::uint64_t>(repeat);
    return side;
}

// The job of a process with these sides.
nlohmann::json job_of(const QueuesOptions& options, bool headway, nlohmann::json sides) {
    nlohmann::json variables = without_lane_variables();
    variables.update(environment_of(options));
    variables["OPENCL_LAYERS"] = nullptr;
    nlohmann::json job = {{"task", kQueuesTask},
                          {"device", options.index},
                          {"device_name", options.device},
                          {"headway", headway},
                          {"warm_up_s", options.warm_up_s},
                          {"duration_s", options.duration_s}};
    if (headway) {
        const std::string layer = find_opencl_layer();
        variables["OPENCL_LAYERS"] = layer;
        if (sides.size() == 1) {
            const nlohmann::json& side = sides.front();
            variables["HEADWAY_PRIORITY"] = std::to_string(side.at("priority").get<int>());
            variables["HEADWAY_NAME"] = side.at("high").get<bool>() ? "bench-high" : "bench-low";
        } else {
            // Lanes of threads: the layer answers the C API where it is also preloaded. What no
            // thread's lane claims has the lowest priority.
            job["preload"] = layer;
            variables["HEADWAY_PRIORITY"] = std::to_string(options.low_priority);
        }
    }
    job["environment"] = variables;
    job["sides"] = std::move(sides);
    return job;
}

std::vector<Member> members_of(const QueuesOptions& options,
                               const QueuesCalibration& calibration,
                               const QueuesScenario& scenario,
                               int repeat) {
    nlohmann::json sides = nlohmann::json::array();
    if (scenario.high) sides.push_back(side_of(options, calibration, repeat, true));
    if (scenario.low) sides.push_back(side_of(options, calibration, repeat, false));
    if (sides.size() == 1 || options.placement == QueuePlacement::kSharedQueue) {
        return {{"", job_of(options, scenario.headway, std::move(sides))}};
    }
    return {{"high", job_of(options, scenario.headway, nlohmann::json::array({sides[0]}))},
            {"low", job_of(options, scenario.headway, nlohmann::json::array({sides[1]}))}};
}

void add_side(nlohmann::json& entry, const nlohmann::json& side) {
    const char* const name = side.at("high").get<bool>() ? "high" : "low";
    entry[name] = side.at("numbers");
    entry["output_sha256"][name] = side.at("output_sha256");
    if (side.contains("counters")) entry["counters"][name] = side.at("counters");
}

}  // namespace

std::optional<QueuesCalibration> calibrate_queues(const QueuesOptions& options,
                                                  Progress& progress) {
    nlohmann::json variables = environment_of(options);
    variables["OPENCL_LAYERS"] = nullptr;
    const nlohmann::json job = {
        {"task", kQueuesCalibrationTask}, {"device", options.index}, {"environment", variables}};
    const ChildReport report = supervise(job, 0, progress);
    if (report.end == ChildEnd::kInterrupted) return std::nullopt;
    if (report.end == ChildEnd::kOutOfMemory) throw Failure(report.message);
    return QueuesCalibration{report.result.at("steps_per_ms").get<double>(),
                             report.result.at("name").get<std::string>(),
                             report.result.at("platform").get<std::string>(),
                             report.result.at("units").get<unsigned>()};
}

std::optional<nlohmann::json> measure_queues(const QueuesOptions& options,
                                             const QueuesCalibration& calibration,
                                             const QueuesScenario& scenario,
                                             int repeat,
                                             Progress& progress) {
    const GroupReport report =
        supervise_group(members_of(options, calibration, scenario, repeat), 0, progress);
    if (report.end == ChildEnd::kInterrupted) return std::nullopt;
    if (report.end == ChildEnd::kOutOfMemory) throw Failure(report.message);
    nlohmann::json entry = {{"name", scenario.name}};
    for (const nlohmann::json& result : report.results) {
        for (const nlohmann::json& side : result.at("sides"))
            add_side(entry, side);
    }
    return entry;
}

}  // namespace headway::bench
