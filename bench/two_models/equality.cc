#include "bench/two_models/equality.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

bool hashes_equal(const Json& scenarios) {
    std::map<std::string, std::set<std::string>> hashes;
    for (const Json& entry : scenarios) {
        if (!entry.contains("output_sha256")) continue;
        for (const auto& [model, hash] : entry.at("output_sha256").items()) {
            const auto text = hash.get<std::string>();
            // Two hashes in one scenario: they differ without any other.
            if (text.find(' ') != std::string::npos) return false;
            hashes[model].insert(text);
        }
    }
    return std::all_of(
        hashes.begin(), hashes.end(), [](const auto& entry) { return entry.second.size() == 1; });
}

// The lowest and the highest loss of one training step.
struct Range {
    double min = HUGE_VAL;
    double max = -HUGE_VAL;

    bool is_narrow() const { return max - min <= kLossTolerance * std::abs(max); }
};

// Takes in the losses of one model. False: one is not a number (JSON has null for it).
bool widen(std::vector<Range>& steps, const Json& losses) {
    steps.resize(std::max(steps.size(), losses.size()));
    for (std::size_t i = 0; i < losses.size(); ++i) {
        if (!losses[i].is_number()) return false;
        steps[i].min = std::min(steps[i].min, losses[i].get<double>());
        steps[i].max = std::max(steps[i].max, losses[i].get<double>());
    }
    return true;
}

bool losses_equal(const Json& scenarios) {
    std::map<int, std::vector<Range>> by_batch;
    for (const Json& entry : scenarios) {
        if (!entry.contains("low")) continue;
        const Json& low = entry.at("low");
        std::vector<Range>& steps = by_batch[low.value("batch", 0)];
        for (const Json& model : low.contains("each") ? low.at("each") : Json::array({low})) {
            if (model.contains("losses") && !widen(steps, model.at("losses"))) return false;
        }
    }
    return std::all_of(by_batch.begin(), by_batch.end(), [](const auto& entry) {
        return std::all_of(entry.second.begin(), entry.second.end(), [](const Range& step) {
            return step.is_narrow();
        });
    });
}

}  // namespace

bool outputs_equal(const Json& scenarios) {
    return hashes_equal(scenarios) && losses_equal(scenarios);
}

}  // namespace headway::bench
