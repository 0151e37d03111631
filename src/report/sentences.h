// The plain-language part of a report. Internal to the report library.
#pragma once

#include "report/analysis.h"

#include <string>
#include <vector>

namespace headway::report {

// Two sentences (fewer where data is missing) that say what the run showed. Uses the groups,
// models, outputs and bound of `analysis`.
std::vector<std::string> summary_sentences(const BenchResult& result, const Analysis& analysis);

// What a reader must know before trusting the numbers; empty for an ordinary run.
std::vector<std::string> warnings(const BenchResult& result, const Analysis& analysis);

}  // namespace headway::report
