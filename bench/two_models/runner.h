// The whole run, in the parent: every scenario of the plan in a child of its own.
#pragma once

#include "bench/result/outcome.h"
#include "bench/two_models/options.h"

namespace headway::bench {

// Blocks for the length of the run. Never throws away what has finished: a failure or Ctrl-C ends
// the run and is in the outcome.
RunOutcome run_two_models(const Options& options);

}  // namespace headway::bench
