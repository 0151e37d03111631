#include "bench/two_models/plan.h"

#include <algorithm>
#include <random>

namespace headway::bench {

std::vector<Step> interleave(const std::vector<std::string>& scenarios,
                             int repeats,
                             std::uint64_t seed) {
    std::mt19937_64 generator(seed);
    std::vector<Step> plan;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        std::vector<std::string> order = scenarios;
        std::shuffle(order.begin(), order.end(), generator);
        for (const std::string& name : order)
            plan.push_back({repeat, name});
    }
    return plan;
}

}  // namespace headway::bench
