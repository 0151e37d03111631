// Everything that a run of threads can be asked for.
#pragma once

#include "bench/models/model.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

struct ThreadsOptions {
    std::string device = "cpu";
    std::vector<std::string> scenarios;
    int repeats = 5;
    int side = 0;          // of the square matrices
    int products = 30;     // of a task
    int tasks = 10;        // of a thread
    double think_ms = 20;  // mean pause after a task, where a scenario has pauses
    int cpus = 0;          // CPUs that all threads share; 0 = all
    bool tf32 = false;     // PyTorch's default for products
    StreamKind stream = StreamKind::kDefault;
    int high_priority = 10;
    int low_priority = 1;
    unsigned threshold = 4;
    unsigned batch_size = 2;
    unsigned budget_us = 400;
    std::string linger_us = "auto";  // a number of microseconds, or "auto"
    unsigned max_hold_ms = 1000;
    std::uint64_t seed = 1;
};

// Every option by its name, as the result file and the child processes read it.
nlohmann::json to_json(const ThreadsOptions& options);
// The reverse. Throws nlohmann::json::exception on anything that to_json() did not write.
ThreadsOptions threads_options_from_json(const nlohmann::json& json);

// Adds the options to a command line. After the parse, resolve() fills in what depends on the
// device. Both arguments must outlive the object.
class ThreadsOptionSet {
 public:
    ThreadsOptionSet(CLI::App& app, ThreadsOptions& options);
    ThreadsOptionSet(const ThreadsOptionSet&) = delete;
    ThreadsOptionSet& operator=(const ThreadsOptionSet&) = delete;
    ~ThreadsOptionSet() = default;

    // Sets the device's defaults where nothing was given and checks what one option alone can't
    // show. Throws Failure(kExitBadArguments).
    void resolve();

 private:
    void add_load(CLI::App& app);
    void add_scheduling(CLI::App& app);

    ThreadsOptions& options_;
    CLI::Option* side_ = nullptr;
    CLI::Option* cpus_ = nullptr;
};

}  // namespace headway::bench
