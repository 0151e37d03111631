#include "bench/two_queues/summary.h"

#include "bench/result/bars.h"
#include "bench/two_models/equality.h"

namespace headway::bench {

namespace {

constexpr double kP99Most = 0.7;
constexpr double kLowLeast = 0.9;
// Two kernels of 20 ms in the 45 ms between two requests are 0.89 of it.
constexpr double kLowLeastInOneQueue = 0.8;

}  // namespace

nlohmann::json judge_queues(const nlohmann::json& scenarios,
                            const nlohmann::json& summary,
                            std::size_t scenarios_wanted,
                            QueuePlacement placement) {
    const bool processes = placement == QueuePlacement::kProcesses;
    const double low_least = processes ? kLowLeast : kLowLeastInOneQueue;
    return {{"minimum", minimum_bar(scenarios, scenarios_wanted, outputs_equal(scenarios))},
            {processes ? "two processes" : "shared queue",
             decide(summary,
                    {{"p99_vs_native", true, kP99Most},
                     {"low_vs_exclusive_bound", false, low_least}})}};
}

}  // namespace headway::bench
