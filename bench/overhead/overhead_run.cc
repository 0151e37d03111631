#include "bench/overhead/overhead_run.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/models/model.h"
#include "bench/process/events.h"
#include "bench/result/numbers.h"
#include "bench/two_models/lanes.h"
#include "bench/two_models/options.h"
#include "headway/torch.h"

#include <fmt/format.h>

#include <random>
#include <utility>
#include <vector>

namespace headway::bench {
namespace {

class PairedRun {
 public:
    PairedRun(const Options& options, bool high, double block_s);

    // Runs one block of each side, in random order, and appends two entries.
    void measure_pair(int index, nlohmann::json& entries);

 private:
    double pass_ms();
    std::vector<double> block();
    nlohmann::json measure(bool scheduled);
    nlohmann::json describe(const std::vector<double>& passes_ms) const;

    const Options& options_;
    bool high_;
    double block_s_;
    Model model_;
    Lane lane_;
    std::mt19937_64 generator_;
};

ModelSpec spec_of(const Options& options, bool high) {
    ModelSpec spec;
    spec.architecture = high ? Architecture::kResNet18 : Architecture::kResNet50;
    spec.device = options.device;
    spec.dtype = options.dtype;
    spec.batch = high ? options.high_batch : options.low_batch;
    spec.threads = options.threads;
    spec.seed = options.seed;
    return spec;
}

PairedRun::PairedRun(const Options& options, bool high, double block_s)
    : options_(options),
      high_(high),
      block_s_(block_s),
      model_(spec_of(options, high)),
      lane_(open_lane(options, high)),
      generator_(options.seed) {
    model_.bind_thread();
    for (int i = 0; i < 3; ++i)
        pass_ms();
}

double PairedRun::pass_ms() {
    const std::uint64_t begin_ns = now_ns();
    model_.run();
    model_.wait(0);
    return static_cast<double>(now_ns() - begin_ns) / static_cast<double>(kNsPerMs);
}

std::vector<double> PairedRun::block() {
    std::vector<double> passes_ms;
    const std::uint64_t begin_ns = now_ns();
    do {
        passes_ms.push_back(pass_ms());
    } while (static_cast<double>(now_ns() - begin_ns) < block_s_ * static_cast<double>(kNsPerS));
    return passes_ms;
}

nlohmann::json PairedRun::measure(bool scheduled) {
    if (!scheduled) {
        headway_torch_remove();
        nlohmann::json entry = describe(block());
        entry["name"] = "native";
        return entry;
    }
    install_gate(options_);
    const LaneScope scope(lane_);
    nlohmann::json entry = describe(block());
    entry["name"] = "headway";
    entry["counters"][high_ ? "high" : "low"] = counters_of(lane_);
    return entry;
}

nlohmann::json PairedRun::describe(const std::vector<double>& passes_ms) const {
    const double mean_ms = mean(passes_ms);
    nlohmann::json entry;
    if (high_) {
        entry["high"] = latency_json(passes_ms);
        entry["high"]["mean_service_ms"] = rounded(mean_ms);
    } else {
        entry["low"] = {{"iterations_per_s", 1000 / mean_ms},
                        {"images_per_s", 1000 / mean_ms * options_.low_batch},
                        {"batch", options_.low_batch}};
    }
    entry["p50_pass_ms"] = median(passes_ms);
    return entry;
}

void PairedRun::measure_pair(int index, nlohmann::json& entries) {
    const bool scheduled_first = generator_() % 2 == 0;
    for (const bool scheduled : {scheduled_first, !scheduled_first}) {
        nlohmann::json entry = measure(scheduled);
        entry["workload"] = high_ ? "high" : "low";
        entry["repeat"] = index;
        entry["output_sha256"] = model_.output_sha256();
        entries.push_back(std::move(entry));
    }
}

}  // namespace

void run_overhead(const nlohmann::json& job) {
    const Options options = options_from_json(job.at("options"));
    const int pairs = job.at("pairs").get<int>();
    const double block_s = job.at("block_s").get<double>();
    send_phase("load", 0);
    prepare_torch(options.tf32);
    PairedRun run(options, job.at("high").get<bool>(), block_s);
    send_phase("run", 2 * block_s * pairs);
    nlohmann::json entries = nlohmann::json::array();
    for (int i = 0; i < pairs; ++i)
        run.measure_pair(i, entries);
    send_event({{"event", "result"}, {"scenarios", entries}});
}

}  // namespace headway::bench
