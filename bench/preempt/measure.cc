#include "bench/preempt/measure.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/preempt/child_tasks.h"
#include "bench/process/environment.h"
#include "bench/process/group.h"
#include "bench/process/shim.h"
#include "bench/result/numbers.h"
#include "bench/stats/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace headway::bench {
namespace {

nlohmann::json job_of(const PreemptSetup& setup, const PreemptScenario& scenario, bool high) {
    nlohmann::json job = {{"task", high ? kPreemptHighTask : kPreemptLowTask},
                          {"gpu", setup.gpu},
                          {"kernel_us", std::llround(setup.kernel_ms * 1000)},
                          {"headway", scenario.headway}};
    if (high) {
        job["warm_up_s"] = setup.warm_up_s;
        job["duration_s"] = setup.duration_s;
        job["interval_ms"] = setup.interval_ms;
    } else {
        job["blocks"] = setup.blocks;
        job["threads"] = setup.threads;
    }
    if (!scenario.headway) return job;
    job["preload"] = find_cuda_shim();
    nlohmann::json& variables = job["environment"];
    variables.update(without_lane_variables());
    variables["HEADWAY_PRIORITY"] = std::to_string(high ? setup.high_priority : setup.low_priority);
    variables["HEADWAY_TIMESLICE_US"] = setup.timeslice_us;
    variables["HEADWAY_NAME"] = high ? "preempt-high" : "preempt-low";
    if (!high) variables.update(nlohmann::json(scenario.low_environment));
    return job;
}

// To a tenth of a microsecond.
double tenth(double us) {
    return std::round(us * 10) / 10;
}

nlohmann::json latency_us_json(std::vector<double> latencies_us) {
    std::sort(latencies_us.begin(), latencies_us.end());
    return {{"p1", tenth(quantile(latencies_us, 0.01))},
            {"p50", tenth(quantile(latencies_us, 0.50))},
            {"p90", tenth(quantile(latencies_us, 0.90))},
            {"p99", tenth(quantile(latencies_us, 0.99))},
            {"max", tenth(latencies_us.back())}};
}

nlohmann::json high_json(const nlohmann::json& report) {
    auto latencies_ms = report.at("latencies_us").get<std::vector<double>>();
    for (double& latency : latencies_ms)
        latency /= 1000;
    nlohmann::json high = latency_json(latencies_ms);
    high["arrivals_ms"] = rounded(report.at("arrivals_ms").get<std::vector<double>>());
    high["latencies_ms"] = rounded(latencies_ms);
    return high;
}

// The kernels that ended in high's window.
nlohmann::json low_json(const nlohmann::json& low, const nlohmann::json& high) {
    const auto begin_ns = high.at("begin_ns").get<std::uint64_t>();
    const auto end_ns = high.at("end_ns").get<std::uint64_t>();
    const auto ends_ns = low.at("ends_ns").get<std::vector<std::uint64_t>>();
    const auto count = std::count_if(ends_ns.begin(), ends_ns.end(), [&](std::uint64_t time_ns) {
        return time_ns >= begin_ns && time_ns < end_ns;
    });
    const double seconds = static_cast<double>(end_ns - begin_ns) / static_cast<double>(kNsPerS);
    return {{"iterations_per_s", rounded(static_cast<double>(count) / seconds)}};
}

}  // namespace

std::optional<nlohmann::json> measure_preemption(const PreemptSetup& setup,
                                                 const PreemptScenario& scenario,
                                                 Progress& progress) {
    std::vector<Member> members = {{scenario.low ? "high" : "", job_of(setup, scenario, true)}};
    if (scenario.low) members.push_back({"low", job_of(setup, scenario, false)});
    const GroupReport report = supervise_group(members, 0, progress);
    if (report.end == ChildEnd::kInterrupted) return std::nullopt;
    if (report.end == ChildEnd::kOutOfMemory) throw Failure(report.message);
    const nlohmann::json& high = report.results.front();
    if (high.at("latencies_us").empty()) {
        throw Failure("no empty kernel ended in time; raise --duration or lower --kernel-ms");
    }
    nlohmann::json entry = {{"name", scenario.name}, {"high", high_json(high)}};
    entry["latency_us"] = latency_us_json(high.at("latencies_us").get<std::vector<double>>());
    entry["launch_call_us"] = latency_us_json(high.at("launches_us").get<std::vector<double>>());
    if (scenario.low) entry["low"] = low_json(report.results.back(), high);
    if (!scenario.headway) return entry;
    entry["counters"] = {{"high", high.at("counters")},
                         {"low", report.results.back().at("counters")}};
    return entry;
}

}  // namespace headway::bench
