// The tables of a report. Internal to the report library.
#pragma once

#include "report/analysis.h"

#include <vector>

namespace headway::report {

// Latency, throughput, ratios and what the scheduler did; a table or column without data is left
// out. Uses the groups, models and bound of `analysis`.
std::vector<Table> all_tables(const BenchResult& result, const Analysis& analysis);

// Total time and low's task latency, for benchmarks of a fixed amount of work; else no rows.
Table tasks_table(const Analysis& analysis);

// What each class of operators takes and lets a request wait, of the benchmark "operators".
Table operators_table(const BenchResult& result, const Analysis& analysis);

// " of ResNet-18", or "" where the model has no name.
std::string of_model(const std::string& model);

}  // namespace headway::report
