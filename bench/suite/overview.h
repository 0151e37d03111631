// One report over all results of a suite.
#pragma once

#include <string>
#include <vector>

namespace headway::bench {

// Writes into `folder`, from the result files NAME.json of `names` that are there: report.md (an
// overview, then the tables of each), and where Chart.js is installed NAME.html for each and
// report.html, which leads to them. Returns the overview for a terminal. Blocks on the disk. Throws
// Failure.
std::string write_overview(const std::string& folder, const std::vector<std::string>& names);

}  // namespace headway::bench
