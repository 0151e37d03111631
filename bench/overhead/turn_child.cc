#include "bench/overhead/turn_child.h"

#include "bench/failure.h"
#include "bench/overhead/block_meter.h"
#include "bench/preempt/spin_gpu.h"
#include "bench/process/device_name.h"
#include "bench/process/events.h"
#include "bench/process/own_lane.h"
#include "bench/process/rendezvous.h"
#include "bench/process/shim.h"
#include "bench/two_models/lanes.h"
#include "bench/two_models/options.h"

#include <optional>
#include <utility>

namespace headway::bench {
namespace {

// Before a block: the device has just worked for another process.
constexpr double kWarmUpPart = 0.25;

// The side with Headway on a CPU: the gate and a lane, for as long as it lives.
struct GatedSide {
    GatedSide(const Options& options, bool high) : lane(open_lane(options, high)), scope(lane) {
        install_gate(options);
    }

    Lane lane;
    LaneScope scope;
};

nlohmann::json scheduled_counters(const std::optional<GatedSide>& gated) {
    if (gated) return counters_of(gated->lane);
    nlohmann::json counters = own_lane_counters();
    if (!counters.is_null()) return counters;
    throw Failure("the side with Headway has no lane on the GPU's board; is HEADWAY_DISABLE set?");
}

}  // namespace

void run_turn_child(const nlohmann::json& job) {
    const Options options = options_from_json(job.at("options"));
    const OverheadCase* const overhead_case = find_overhead_case(job.at("case").get<std::string>());
    if (overhead_case == nullptr) throw Failure("a child was asked for a case that doesn't exist");
    const bool scheduled = job.at("scheduled").get<bool>();
    const double block_s = job.at("block_s").get<double>();
    const bool gpu = options.device != "cpu";
    if (gpu) check_shim(scheduled);
    prepare_torch(options.tf32);
    BlockMeter meter(options, *overhead_case);
    std::optional<GatedSide> gated;
    if (scheduled && !gpu) gated.emplace(options, overhead_case->high);
    meter.measure(kWarmUpPart * block_s, block_s);
    send_event({{"event", "ready"}});
    while (next_command().at("command") == "block") {
        nlohmann::json entry = meter.measure(kWarmUpPart * block_s, block_s);
        entry["name"] = scheduled ? "headway" : "native";
        if (scheduled) {
            entry["counters"][overhead_case->high ? "high" : "low"] = scheduled_counters(gated);
        }
        send_event({{"event", "block"}, {"entry", entry}});
    }
    send_event({{"event", "result"}});
}

void run_idle_rival(const nlohmann::json& job) {
    const Options options = options_from_json(job.at("options"));
    std::optional<Lane> lane;
    std::optional<SpinGpu> gpu;
    if (options.device == "cpu") {
        lane.emplace(open_lane(options, true));
    } else {
        // The shim opens the process's lane at the first launch.
        check_shim(true);
        gpu.emplace(gpu_index(options.device), 1);
        gpu->empty();
        gpu->synchronise();
        if (own_lane_counters().is_null()) {
            throw Failure(
                "the idle higher lane is not on the GPU's board; is HEADWAY_DISABLE set?");
        }
    }
    send_event({{"event", "ready"}});
    static_cast<void>(next_command());
    send_event({{"event", "result"}});
}

}  // namespace headway::bench
