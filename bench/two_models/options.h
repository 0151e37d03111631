// Everything that a run of two-models can be asked for.
#pragma once

#include "bench/load/arrivals.h"
#include "bench/models/model.h"
#include "bench/two_models/external.h"
#include "bench/two_models/placement.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Matrix products in a request of high and in an iteration of low.
inline constexpr int kHighProducts = 4;
inline constexpr int kLowProducts = 16;

struct Options {
    std::string benchmark = "two-models";  // the command, which is the result's name
    std::string device = "cpu";
    std::vector<std::string> scenarios;
    std::vector<External> externals;
    int repeats = 3;
    double duration = 0;  // measured seconds of a scenario
    double warm_up = 0;   // seconds under load before that
    double rate = 0;      // requests/s of the high-priority model
    Arrivals arrivals = Arrivals::kUniform;
    std::uint64_t seed = 1;
    Architecture high_model = Architecture::kResNet18;  // or kProducts
    Architecture low_model = Architecture::kResNet50;   // or kProducts
    int matmul_side = 0;  // kProducts: of high's matrices; low's have twice that
    int high_batch = 1;
    int low_batch = 0;
    Task low_task = Task::kInference;
    int low_count = 1;  // low-priority models, all alike
    int high_priority = 10;
    int low_priority = 1;
    unsigned threshold = 4;
    unsigned batch_size = 2;
    unsigned budget_us = 400;
    std::string linger_us = "auto";  // a number of microseconds, or "auto"
    unsigned max_hold_ms = 1000;
    std::string timeslice_us = "auto";  // "auto", "off" or a number of microseconds
    Dtype dtype = Dtype::kFp32;
    bool tf32 = true;
    StreamKind stream = StreamKind::kDefault;
    Placement placement = Placement::kThreads;
    bool high_graph = false;
    bool low_graph = false;
    int threads = 1;                  // ATen threads of each model, on a CPU
    int cpus = 0;                     // CPUs that both models share; 0 = all
    std::int64_t memory_cap_mib = 0;  // 0 = none
};

// Every option by its name, as the result file and the child processes read it.
nlohmann::json to_json(const Options& options);
// The reverse. Throws nlohmann::json::exception on anything that to_json() did not write.
Options options_from_json(const nlohmann::json& json);

// The models as a person calls them, for the result file.
std::string high_model_name(const Options& options);
std::string low_model_name(const Options& options);

// linger_us as headway::LaneOptions wants it.
unsigned linger_of(const Options& options);

// Adds the options to a command line. After the parse, resolve() fills in what depends on the
// device. Both arguments must outlive the object.
class OptionSet {
 public:
    // What `options` holds is the default, except where that depends on the device.
    OptionSet(CLI::App& app, Options& options);
    OptionSet(const OptionSet&) = delete;
    OptionSet& operator=(const OptionSet&) = delete;
    ~OptionSet() = default;

    // Sets the device's defaults where nothing was given and checks what one option alone can't
    // show. Throws Failure(kExitBadArguments).
    void resolve();

 private:
    void add_load(CLI::App& app);
    void add_models(CLI::App& app);
    void add_scheduling(CLI::App& app);
    // Where the option was not given, `set_default` runs once the device is known.
    void by_device(CLI::Option* option, std::function<void()> set_default);

    Options& options_;
    std::vector<std::function<void()>> set_defaults_;
};

// The scenarios that are asked for exist, fit the device and the placement, and options that
// concern each other fit. Throws Failure(kExitBadArguments).
void check_together(const Options& options);

// This process may use that many CPUs. Throws Failure(kExitBadArguments).
void check_cpus(int cpus);

// The device exists for this LibTorch. Throws Failure(kExitBadArguments) with the remedy.
void check_device(const std::string& device);

}  // namespace headway::bench
