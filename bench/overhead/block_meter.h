// Measures how long a model's passes take, a block of them at a time.
#pragma once

#include "bench/models/model.h"
#include "bench/overhead/cases.h"
#include "bench/two_models/options.h"

#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Not thread-safe: use it on the thread that made it. Throws what Model throws.
class BlockMeter {
 public:
    // Loads the model and binds it to this thread. Both arguments must outlive the object. Seconds.
    BlockMeter(const Options& options, const OverheadCase& overhead_case);

    // Runs passes for `warm_up_s`, then for `block_s` (at least one), and returns the entry of the
    // result file for the latter, without its "name" and "repeat". On a GPU the warm-up must not be
    // 0: it brings the clocks up, and two passes into the stream.
    nlohmann::json measure(double warm_up_s, double block_s);

    bool high() const { return case_.high; }

 private:
    std::vector<double> passes_ms(double seconds);
    nlohmann::json describe(const std::vector<double>& passes_ms) const;

    const Options& options_;
    const OverheadCase& case_;
    Model model_;
};

}  // namespace headway::bench
