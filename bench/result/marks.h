// Marks repeats that were measured under other conditions than the rest. Nothing is ever left out.
#pragma once

#include <nlohmann/json.hpp>

namespace headway::bench {

// Adds "marks", a list of texts, to each scenario run that is not like the others: "throttled: ..."
// if the GPU lowered its clocks meanwhile (from the field "machine"), and "outlying: ..." if one of
// its main numbers lies more than 3.5 robust standard deviations (1.4826 x the median absolute
// deviation) and more than 5 % from the median of at least 5 repeats. `scenarios` is the result
// file's list.
void mark_repeats(nlohmann::json& scenarios);

}  // namespace headway::bench
