// Everything that a run of overhead can be asked for.
#pragma once

#include "bench/two_models/options.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Where the two sides of a pair run.
enum class Pairing {
    kBlocks,     // in one process, with the gate installed and removed: on a CPU only
    kProcesses,  // in two processes that take turns
};

struct OverheadOptions {
    Options models;  // the part that concerns the models and the device
    std::vector<std::string> cases;
    Pairing pairing = Pairing::kBlocks;
    bool armed = false;  // with an idle lane of higher priority on the device
    int pairs = 0;
    int rounds = 0;  // kProcesses: fresh pairs of processes that the pairs are divided among
    double block_s = 0;
    // Of the measured lane; nothing: Headway's own default.
    std::optional<unsigned> threshold;
    std::optional<unsigned> batch_size;
    std::optional<unsigned> budget_us;
};

// Adds the options to a command line. After the parse, resolve() fills in what depends on the
// device. Both arguments must outlive the object.
class OverheadOptionSet {
 public:
    OverheadOptionSet(CLI::App& app, OverheadOptions& options);
    OverheadOptionSet(const OverheadOptionSet&) = delete;
    OverheadOptionSet& operator=(const OverheadOptionSet&) = delete;
    ~OverheadOptionSet() = default;

    // Sets the device's defaults where nothing was given and checks what one option alone can't
    // show. Throws Failure(kExitBadArguments).
    void resolve();

 private:
    void add_models(CLI::App& app);
    void add_scheduling(CLI::App& app);
    void by_device(CLI::Option* option, std::function<void()> set_default);

    OverheadOptions& options_;
    std::vector<std::function<void()>> set_defaults_;
};

// The result file's "config".
nlohmann::json config_of(const OverheadOptions& options);

}  // namespace headway::bench
