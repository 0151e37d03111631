#include "bench/overhead/overhead_run.h"

#include "bench/failure.h"
#include "bench/overhead/block_meter.h"
#include "bench/process/events.h"
#include "bench/two_models/lanes.h"
#include "bench/two_models/options.h"
#include "headway/torch.h"

#include <random>
#include <utility>

namespace headway::bench {
namespace {

class PairedRun {
 public:
    PairedRun(const Options& options, const OverheadCase& overhead_case, double block_s)
        : options_(options),
          block_s_(block_s),
          meter_(options, overhead_case),
          lane_(open_lane(options, overhead_case.high)),
          generator_(options.seed) {}

    // Runs one block of each side, in random order, and appends two entries.
    void measure_pair(int index, nlohmann::json& entries);

 private:
    nlohmann::json measure(bool scheduled);

    const Options& options_;
    double block_s_;
    BlockMeter meter_;
    Lane lane_;
    std::mt19937_64 generator_;
};

nlohmann::json PairedRun::measure(bool scheduled) {
    if (!scheduled) {
        headway_torch_remove();
        nlohmann::json entry = meter_.measure(0, block_s_);
        entry["name"] = "native";
        return entry;
    }
    install_gate(options_);
    const LaneScope scope(lane_);
    nlohmann::json entry = meter_.measure(0, block_s_);
    entry["name"] = "headway";
    entry["counters"][meter_.high() ? "high" : "low"] = counters_of(lane_);
    return entry;
}

void PairedRun::measure_pair(int index, nlohmann::json& entries) {
    const bool scheduled_first = generator_() % 2 == 0;
    for (const bool scheduled : {scheduled_first, !scheduled_first}) {
        nlohmann::json entry = measure(scheduled);
        entry["repeat"] = index;
        entries.push_back(std::move(entry));
    }
}

}  // namespace

void run_overhead(const nlohmann::json& job) {
    const Options options = options_from_json(job.at("options"));
    const OverheadCase* const overhead_case = find_overhead_case(job.at("case").get<std::string>());
    if (overhead_case == nullptr) throw Failure("a child was asked for a case that doesn't exist");
    const int pairs = job.at("pairs").get<int>();
    const double block_s = job.at("block_s").get<double>();
    send_phase("load", 0);
    prepare_torch(options.tf32);
    PairedRun run(options, *overhead_case, block_s);
    send_phase("run", 2 * block_s * pairs);
    nlohmann::json entries = nlohmann::json::array();
    for (int i = 0; i < pairs; ++i)
        run.measure_pair(i, entries);
    send_event({{"event", "result"}, {"scenarios", entries}});
}

}  // namespace headway::bench
