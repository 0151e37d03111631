// shim_launch_benchmark: what Headway's library adds to a kernel launch, in nanoseconds.
#include "base/version.h"
#include "bench/failure.h"
#include "bench/micro/shim_launch/measure.h"
#include "bench/process/child.h"
#include "bench/result/numbers.h"

#include <CLI/CLI.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

struct Options {
    int repeats = 15;
    std::string json;
};

// By case, one entry a repeat.
using Measured = std::map<std::string, std::vector<LaunchTimes>>;

// The cases in turn, so that a machine that changes its mood changes it for all.
Measured measure(const Options& options) {
    Measured measured;
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
        for (const LaunchCase& launch_case : launch_cases())
            measured[launch_case.name].push_back(measure_launches(launch_case));
    }
    return measured;
}

// Against the native time of the same repeat.
std::vector<double> added_ns(const Measured& measured,
                             const LaunchCase& launch_case,
                             double LaunchTimes::*time) {
    const std::vector<LaunchTimes>& native =
        measured.at(launch_case.cold ? "native-cold" : "native");
    const std::vector<LaunchTimes>& times = measured.at(launch_case.name);
    std::vector<double> added;
    for (std::size_t i = 0; i < times.size(); ++i)
        added.push_back(rounded(times[i].*time - native[i].*time));
    return added;
}

Json summarise(const Measured& measured) {
    Json summary = Json::object();
    for (const LaunchCase& launch_case : launch_cases()) {
        std::string prefix = launch_case.name;
        std::replace(prefix.begin(), prefix.end(), '-', '_');
        std::vector<double> medians;
        for (const LaunchTimes& times : measured.at(launch_case.name))
            medians.push_back(rounded(times.median_ns));
        summary[prefix + "_ns"] = ratio_json(median_with_ci95(medians, 1));
        if (!launch_case.shim) continue;
        summary[prefix + "_added_ns"] = ratio_json(
            median_with_ci95(added_ns(measured, launch_case, &LaunchTimes::median_ns), 1));
        summary[prefix + "_least_added_ns"] = ratio_json(
            median_with_ci95(added_ns(measured, launch_case, &LaunchTimes::least_ns), 1));
    }
    return summary;
}

Json judge(const Measured& measured) {
    Json verdict = Json::object();
    for (const LaunchCase& launch_case : launch_cases()) {
        if (launch_case.added_ns_max <= 0) continue;
        const double added =
            median_with_ci95(added_ns(measured, launch_case, &LaunchTimes::median_ns), 1).median;
        verdict[launch_case.name] = {
            {"met", added <= launch_case.added_ns_max},
            {"detail",
             fmt::format("with {} a launch takes {:.1f} ns more (asked: <= {:.0f})",
                         launch_case.what,
                         added,
                         launch_case.added_ns_max)}};
    }
    return verdict;
}

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return "unknown";
}

// Without LibTorch's version, which this does not use.
Json describe_machine() {
    utsname name{};
    ::uname(&name);
    return {{"cpu", cpu_name()},
            {"cores", usable_cpus()},
            {"kernel", fmt::format("{} {} {}", name.sysname, name.release, name.machine)}};
}

Json result_of(const Options& options, const Measured& measured) {
    Json scenarios = Json::array();
    for (const LaunchCase& launch_case : launch_cases()) {
        int repeat = 0;
        for (const LaunchTimes& times : measured.at(launch_case.name)) {
            Json entry = {
                {"name", launch_case.name},
                {"repeat", repeat++},
                {"launch_ns",
                 {{"least", rounded(times.least_ns)}, {"median", rounded(times.median_ns)}}}};
            if (launch_case.shim) {
                entry["counters"] = {{"gated", times.gated}, {"markers", times.markers}};
            }
            scenarios.push_back(std::move(entry));
        }
    }
    return {{"schema", "headway.bench/1"},
            {"benchmark", "shim-launch"},
            {"headway", {{"version", kVersion}, {"commit", kCommit}}},
            {"host", describe_machine()},
            {"config", {{"repeats", options.repeats}, {"device", "a driver that does nothing"}}},
            {"scenarios", scenarios},
            {"summary", summarise(measured)},
            {"verdict", judge(measured)},
            {"partial", false},
            {"created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))}};
}

void print(const Json& result) {
    for (const LaunchCase& launch_case : launch_cases()) {
        std::string prefix = launch_case.name;
        std::replace(prefix.begin(), prefix.end(), '-', '_');
        const Json& summary = result.at("summary");
        std::string line = fmt::format("{:<16} {:>7.1f} ns a launch",
                                       launch_case.name,
                                       summary.at(prefix + "_ns").at("median").get<double>());
        if (launch_case.shim) {
            line += fmt::format(", {:>6.1f} more than native (least of its batches: {:.1f})",
                                summary.at(prefix + "_added_ns").at("median").get<double>(),
                                summary.at(prefix + "_least_added_ns").at("median").get<double>());
        }
        fmt::print("{}: {}\n", line, launch_case.what);
    }
    for (const auto& [name, bar] : result.at("verdict").items()) {
        fmt::print("{} {}: {}\n",
                   bar.at("met").get<bool>() ? "met" : "NOT MET",
                   name,
                   bar.at("detail").get<std::string>());
    }
}

int run(int argc, char** argv) {
    CLI::App app("What Headway's library adds to a kernel launch, on a driver that does nothing.");
    Options options;
    app.add_option("--repeats", options.repeats, "How often each case runs")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--json", options.json, "Write the result here, too")->type_name("FILE");
    CLI11_PARSE(app, argc, argv);
    const Json result = result_of(options, measure(options));
    print(result);
    if (options.json.empty()) return kExitDone;
    std::ofstream file(options.json);
    file << result.dump(1) << '\n';
    if (!file.flush()) throw Failure("can't write " + options.json);
    return kExitDone;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) {
    try {
        return headway::bench::run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "shim_launch_benchmark: {}\n", error.what());
        return headway::bench::kExitFailed;
    }
}
