// What `headway-bench overhead` runs under Headway and without.
#pragma once

#include "bench/models/model.h"
#include "bench/two_models/options.h"

#include <string>
#include <vector>

namespace headway::bench {

struct OverheadCase {
    const char* name;
    const char* what;  // one line for --help
    // True: a server's loop, in which each pass is waited for. False: a batch job's, in which the
    // next pass is launched before the last has ended.
    bool high;
    int batch;         // 0: --high-batch or --low-batch
    bool graph;        // replays a CUDA graph; on a GPU only
    double armed_max;  // the bar with an idle higher lane; 0: there is none
};

const std::vector<OverheadCase>& overhead_cases();

// Null if there is none of that name. Lives as long as the process.
const OverheadCase* find_overhead_case(const std::string& name);

// What is measured if nothing is asked for.
std::vector<std::string> default_overhead_cases(const std::string& device, bool armed);

// Images per pass.
int batch_of(const OverheadCase& overhead_case, const Options& options);

ModelSpec spec_of(const OverheadCase& overhead_case, const Options& options);

}  // namespace headway::bench
