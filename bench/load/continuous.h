// Runs work without a pause and measures its rate.
#pragma once

#include "bench/load/load_end.h"
#include "bench/load/window.h"

#include <cstdint>
#include <functional>

namespace headway::bench {

struct ContinuousResult {
    std::uint64_t iterations = 0;
    double seconds = 0;  // that these iterations took: whole ones only, so nothing is rounded
};

// Calls `iterate` over and over. Counts from the first iteration that begins in the window to the
// first that ends after it (at least one), then goes on uncounted until `end` is reached. Blocks.
ContinuousResult run_continuously(const MeasuredWindow& window,
                                  const std::function<void()>& iterate,
                                  const LoadEnd& end);

}  // namespace headway::bench
