// One model of a scenario: what it loads, what it does under load, and what comes out.
#pragma once

#include "bench/load/load_end.h"
#include "bench/load/window.h"
#include "bench/two_models/options.h"
#include "bench/two_models/scenarios.h"
#include "headway/headway.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Which model of which scenario run.
struct SideSpec {
    const Options& options;  // must outlive the side
    const Scenario& scenario;
    int repeat = 0;
    bool high = false;
    int index = 0;  // among the low ones
};

// The names that children and messages use: "high", "low", and with several low ones "low 1", ...
std::string label_of(const Options& options, bool high, int index);

// Used by one thread at a time. Every function may throw what Model throws.
class Side {
 public:
    explicit Side(const SideSpec& spec) : spec_(spec) {}

    virtual ~Side() = default;
    Side(const Side&) = delete;
    Side& operator=(const Side&) = delete;

    // Loads the model and, where the scenario schedules it and this process has to ask for that,
    // opens its lane. Seconds.
    void load();

    // Its load from `origin_ns` on, on the calling thread, until `end` is reached. Blocks.
    void play(std::uint64_t origin_ns, const LoadEnd& end);

    // After play(): {"high": bool, "numbers": as the result file has them, "output_name": text,
    // "output_sha256": text (the two are absent of training, whose numbers have "losses"),
    // "counters": object, or null or absent}.
    nlohmann::json result();

 protected:
    Model& model() { return *model_; }

    const SideSpec& spec() const { return spec_; }

    virtual void drive(std::uint64_t origin_ns,
                       const MeasuredWindow& window,
                       const LoadEnd& end) = 0;
    virtual nlohmann::json numbers() const = 0;

 private:
    SideSpec spec_;
    std::unique_ptr<Model> model_;
    std::optional<Lane> lane_;
};

std::unique_ptr<Side> make_side(const SideSpec& spec);

// The sides of a scenario, high first: (high, index) of each.
std::vector<std::pair<bool, int>> sides_of(const Options& options, const Scenario& scenario);

// How long a scenario is under load, in seconds.
double load_seconds(const Options& options);

}  // namespace headway::bench
