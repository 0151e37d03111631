// The order in which scenarios run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headway::bench {

struct Step {
    int repeat = 0;
    std::string scenario;
};

// Every scenario once per repeat, each repeat in a new random order, so that a slow drift of the
// machine falls on all scenarios alike. The same seed gives the same plan. Pure.
std::vector<Step> interleave(const std::vector<std::string>& scenarios,
                             int repeats,
                             std::uint64_t seed);

}  // namespace headway::bench
