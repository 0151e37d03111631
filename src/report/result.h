// A benchmark's result file in memory (schema headway.bench/1, see docs/bench-method.md), and the
// functions that read one. Values are as the file has them: checked for type, not for plausibility.
#pragma once

#include "base/status.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headway::report {

inline constexpr std::string_view kSchema = "headway.bench/1";
inline constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kValuesMax = 8'000'000;
inline constexpr int kDepthMax = 32;

// A measured number that may be missing.
using Number = std::optional<double>;
// Names and values, sorted by name.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;
using NamedNumbers = std::vector<std::pair<std::string, double>>;

// The high-priority model in one scenario. Milliseconds, counted from the scheduled arrival.
struct HighNumbers {
    Number requests, p50_ms, p90_ms, p95_ms, p99_ms, p999_ms, max_ms, mean_ms;
    Number mean_service_ms;
    Number completed_rps;
    Number unfinished;  // requests given up because the device was too far behind
    std::vector<double> latencies_ms;
    std::vector<double> arrivals_ms;  // empty, or as long as latencies_ms
};

// The low-priority model in one scenario.
struct LowNumbers {
    Number iterations_per_s, images_per_s, batch;
    Number exclusive_bound_per_s;
    Number requests, p50_ms, p99_ms, max_ms;  // of tasks, where low has latencies
    std::vector<std::string> batch_fallbacks;
};

// One scenario in one repeat.
struct Scenario {
    std::string name;
    std::string workload;  // empty where the benchmark has only one
    int repeat = 0;
    std::optional<HighNumbers> high;
    std::optional<LowNumbers> low;
    Number total_time_s, tasks_per_s;              // where a scenario is a fixed amount of work
    std::vector<std::string> marks;                // why this run is not like the others
    NamedNumbers memory_mib;                       // by what it counts: "used", "free", ...
    std::map<std::string, NamedNumbers> counters;  // by lane; "" for counters of the whole scenario
    NamedTexts output_sha256;                      // by model; "" for one hash over everything
};

struct Ratio {
    std::string name;
    Number median;
    std::optional<std::pair<double, double>> ci95;
};

// One bar of the verdict. `met` has no value where the run could not decide it.
struct Bar {
    std::string name;
    std::optional<bool> met;
    std::string detail;
};

struct BenchResult {
    std::string benchmark;
    std::string version;
    std::string commit;
    std::string created;
    NamedTexts host;
    NamedTexts config;
    std::vector<Scenario> scenarios;
    NamedTexts skipped;  // scenario -> why it could not run
    std::vector<Ratio> summary;
    std::vector<Bar> verdict;
    bool partial = false;

    // The text of a config or host entry, or nothing. The pointer lives as long as this object.
    const std::string* find_config(std::string_view name) const;
    const std::string* find_host(std::string_view name) const;
};

// Reads a result from JSON text that anybody may have written. The message of a failure is one line
// that names the field, and does not name the file. Never throws; takes memory in proportion to the
// text, within the limits above. Thread-safe; does not block.
Result<BenchResult> parse_result(std::string_view json_text) noexcept;

// Reads and parses a file. Fails also for a missing, unreadable or larger file, or one that is not
// a regular file (a pipe may be endless). Blocks on the disk.
Result<BenchResult> load_result(const std::string& path) noexcept;

}  // namespace headway::report
