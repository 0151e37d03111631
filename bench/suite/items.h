// The benchmarks that a suite consists of. A new one is a new row.
#pragma once

#include <string>
#include <vector>

namespace headway::bench {

struct SuiteItem {
    std::string name;                    // of its result file
    std::vector<std::string> arguments;  // of headway-bench, the benchmark first
};

// The names of the sets.
const std::vector<std::string>& suite_sets();

// The items of a set (one of suite_sets()) on a device, none where it has nothing for that kind of
// device. Each names every option that `quick` changes, so that a quick result is never taken for a
// full one. Reads the names of mix's workloads from the disk; throws Failure if they are not there.
std::vector<SuiteItem> suite_items(const std::string& set, const std::string& device, bool quick);

}  // namespace headway::bench
