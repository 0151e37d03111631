// Invented result files for tests: the shape of a real run, none of its numbers. Nothing here was
// measured.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::report::test {

// A complete two-models result on an imaginary machine. The same for the same arguments.
nlohmann::json sample_two_models(int repeats, int requests);

// An overhead result: pairs native/headway per workload.
nlohmann::json sample_overhead(int pairs);

}  // namespace headway::report::test
