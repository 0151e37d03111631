#include "bench/overhead/block_meter.h"

#include "base/clock.h"
#include "bench/result/numbers.h"

#include <cstdint>

namespace headway::bench {

BlockMeter::BlockMeter(const Options& options, const OverheadCase& overhead_case)
    : options_(options), case_(overhead_case), model_(spec_of(overhead_case, options)) {
    model_.bind_thread();
    for (int i = 0; i < 3; ++i) {
        model_.run();
        model_.wait(0);
    }
}

// The time from one return to the next: with two passes in the stream that is the time of a pass,
// whether the device or the launching takes longer.
std::vector<double> BlockMeter::passes_ms(double seconds) {
    const std::size_t unfinished_max = case_.high ? 0 : 1;
    const auto length_ns = static_cast<std::uint64_t>(seconds * static_cast<double>(kNsPerS));
    std::vector<double> passes_ms;
    const std::uint64_t begin_ns = now_ns();
    std::uint64_t last_ns = begin_ns;
    do {
        model_.run();
        model_.wait(unfinished_max);
        const std::uint64_t end_ns = now_ns();
        passes_ms.push_back(static_cast<double>(end_ns - last_ns) / static_cast<double>(kNsPerMs));
        last_ns = end_ns;
    } while (last_ns - begin_ns < length_ns);
    return passes_ms;
}

nlohmann::json BlockMeter::describe(const std::vector<double>& passes_ms) const {
    const double mean_ms = mean(passes_ms);
    nlohmann::json entry = {{"workload", case_.name}};
    if (case_.high) {
        entry["high"] = latency_json(passes_ms);
        entry["high"]["mean_service_ms"] = rounded(mean_ms);
    } else {
        const int batch = batch_of(case_, options_);
        entry["low"] = {{"iterations_per_s", 1000 / mean_ms},
                        {"images_per_s", 1000 / mean_ms * batch},
                        {"batch", batch}};
    }
    entry["passes"] = passes_ms.size();
    entry["p50_pass_ms"] = median(passes_ms);
    return entry;
}

nlohmann::json BlockMeter::measure(double warm_up_s, double block_s) {
    if (warm_up_s > 0) {
        // At least two passes, so that the stream holds as many as in the middle of a long run.
        if (passes_ms(warm_up_s).size() < 2) passes_ms(0);
    }
    nlohmann::json entry = describe(passes_ms(block_s));
    model_.wait(0);
    entry["output_sha256"] = model_.output_sha256();
    return entry;
}

}  // namespace headway::bench
