#include "bench/two_models/side.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/load/continuous.h"
#include "bench/load/open_loop.h"
#include "bench/process/own_lane.h"
#include "bench/result/numbers.h"
#include "bench/two_models/lanes.h"

#include <fmt/format.h>

namespace headway::bench {
namespace {

std::uint64_t to_ns(double seconds) {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(kNsPerS));
}

ModelSpec model_spec(const SideSpec& spec) {
    const Options& options = spec.options;
    ModelSpec model;
    model.architecture = spec.high ? options.high_model : options.low_model;
    model.side = spec.high ? options.matmul_side : 2 * options.matmul_side;
    model.products = spec.high ? kHighProducts : kLowProducts;
    model.device = options.device;
    model.dtype = options.dtype;
    model.batch = spec.high ? options.high_batch : options.low_batch;
    model.threads = options.threads;
    model.stream = stream_of(spec.scenario, spec.high, options.stream);
    model.processors = processors_of(spec.scenario, spec.high);
    model.task = spec.high ? Task::kInference : options.low_task;
    model.graph = spec.high ? options.high_graph : options.low_graph;
    model.seed = options.seed;
    return model;
}

// Equal work has an equal name: another batch is another computation.
std::string output_name(const SideSpec& spec) {
    const ModelSpec model = model_spec(spec);
    if (model.architecture == Architecture::kProducts) {
        return fmt::format("{} products {}", model.products, model.side);
    }
    return fmt::format("{} b{}", architecture_name(model.architecture), model.batch);
}

// Requests at their scheduled times.
class HighSide final : public Side {
 public:
    using Side::Side;

 private:
    void drive(std::uint64_t origin_ns, const MeasuredWindow& window, const LoadEnd& end) override;
    nlohmann::json numbers() const override;

    OpenLoopResult result_;
};

void HighSide::drive(std::uint64_t origin_ns, const MeasuredWindow& window, const LoadEnd& end) {
    const Options& options = spec().options;
    // The same arrivals in all scenarios of a repeat, others in the next repeat.
    const auto repeat = static_cast<std::uint64_t>(spec().repeat);
    ArrivalSchedule schedule({options.arrivals,
                              options.rate,
                              options.warm_up,
                              options.duration,
                              options.seed + 1'000'003 * repeat});
    const auto serve = [this] {
        model().run();
        model().wait(0);
    };
    result_ = run_open_loop(schedule, origin_ns, window, serve, end);
}

nlohmann::json HighSide::numbers() const {
    if (result_.latencies_ms.empty()) {
        throw Failure("no request finished in time; lower --rate or raise --duration");
    }
    return requests_json(result_, spec().options.duration);
}

// Batches without a pause.
class LowSide final : public Side {
 public:
    using Side::Side;

 private:
    void drive(std::uint64_t origin_ns, const MeasuredWindow& window, const LoadEnd& end) override;
    nlohmann::json numbers() const override;

    ContinuousResult result_;
};

void LowSide::drive(std::uint64_t, const MeasuredWindow& window, const LoadEnd& end) {
    // On a GPU the next iteration is launched before the last has ended, so that the device never
    // waits for the host; a CPU has done everything when run() returns.
    const auto iterate = [this] {
        model().run();
        model().wait(1);
    };
    result_ = run_continuously(window, iterate, end);
}

nlohmann::json LowSide::numbers() const {
    const double per_s = static_cast<double>(result_.iterations) / result_.seconds;
    return {{"iterations", result_.iterations},
            {"iterations_per_s", per_s},
            {"images_per_s", per_s * spec().options.low_batch},
            {"batch", spec().options.low_batch}};
}

}  // namespace

std::string label_of(const Options& options, bool high, int index) {
    if (high) return "high";
    return options.low_count == 1 ? "low" : fmt::format("low {}", index + 1);
}

void Side::load() {
    model_ = std::make_unique<Model>(model_spec(spec_));
    if (asks_for_lanes(spec_.options, spec_.scenario)) {
        lane_.emplace(open_lane(spec_.options, spec_.high, spec_.index));
    }
}

void Side::play(std::uint64_t origin_ns, const LoadEnd& end) {
    MeasuredWindow window;
    window.begin_ns = origin_ns + to_ns(spec_.options.warm_up);
    window.end_ns = window.begin_ns + to_ns(spec_.options.duration);
    model_->bind_thread();
    std::optional<LaneScope> scope;
    if (lane_) scope.emplace(*lane_);
    drive(origin_ns, window, end);
}

nlohmann::json Side::result() {
    // The output of the last pass of the run, computed beside the other models.
    nlohmann::json json = {
        {"high", spec_.high},
        {"numbers", numbers()},
    };
    if (!spec_.high && spec_.options.low_task == Task::kTraining) {
        json["numbers"]["losses"] = model_->losses();
    } else {
        json["output_name"] = output_name(spec_);
        json["output_sha256"] = model_->output_sha256();
    }
    if (lane_) {
        json["counters"] = counters_of(*lane_);
    } else if (spec_.scenario.scheduler == Scheduler::kHeadway) {
        // The shim has opened it, as for any program.
        json["counters"] = own_lane_counters();
    }
    return json;
}

std::unique_ptr<Side> make_side(const SideSpec& spec) {
    if (spec.high) return std::make_unique<HighSide>(spec);
    return std::make_unique<LowSide>(spec);
}

std::vector<std::pair<bool, int>> sides_of(const Options& options, const Scenario& scenario) {
    std::vector<std::pair<bool, int>> sides;
    if (scenario.high) sides.emplace_back(true, 0);
    for (int index = 0; scenario.low && index < options.low_count; ++index)
        sides.emplace_back(false, index);
    return sides;
}

double load_seconds(const Options& options) {
    return options.warm_up + options.duration;
}

}  // namespace headway::bench
