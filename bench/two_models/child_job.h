// What every child of two-models is told, and what it does first.
#pragma once

#include "bench/two_models/options.h"
#include "bench/two_models/scenarios.h"

#include <nlohmann/json.hpp>

namespace headway::bench {

struct ChildJob {
    // Reads {"options": to_json(Options), "scenario": name, "repeat": n}. Throws Failure.
    explicit ChildJob(const nlohmann::json& json);

    // Before the first model: the process-wide settings, the memory cap, and the gate where this
    // program asks for lanes itself. Says that loading begins. Throws Failure or OutOfMemory.
    void prepare() const;

    // {"used": MiB, "free": MiB} now, or null.
    nlohmann::json memory() const;

    Options options;
    Scenario scenario;
    int repeat;
};

}  // namespace headway::bench
