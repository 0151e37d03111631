#include "bench/two_queues/summary.h"

#include "bench/result/bars.h"
#include "bench/two_models/equality.h"

namespace headway::bench {

nlohmann::json judge_queues(const nlohmann::json& scenarios,
                            const nlohmann::json& summary,
                            std::size_t scenarios_wanted) {
    return {
        {"minimum", minimum_bar(scenarios, scenarios_wanted, outputs_equal(scenarios))},
        {"shared device",
         decide(summary, {{"p99_vs_native", true, 0.7}, {"low_vs_exclusive_bound", false, 0.9}})}};
}

}  // namespace headway::bench
