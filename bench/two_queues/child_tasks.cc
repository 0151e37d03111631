#include "bench/two_queues/child_tasks.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/load/continuous.h"
#include "bench/load/open_loop.h"
#include "bench/process/events.h"
#include "bench/process/own_lane.h"
#include "bench/process/rendezvous.h"
#include "bench/result/numbers.h"
#include "bench/result/sha256.h"
#include "bench/two_models/lanes.h"
#include "bench/two_queues/spin_queue.h"
#include "headway/headway.hpp"

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

namespace headway::bench {
namespace {

std::uint64_t to_ns(double seconds) {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(kNsPerS));
}

// One side: its kernels, and under Headway perhaps a lane of its own.
class QueueSide {
 public:
    QueueSide(SpinQueue& queue, const nlohmann::json& job, const nlohmann::json& side)
        : job_(job),
          side_(side),
          high_(side.at("high").get<bool>()),
          kernel_(queue, side.at("steps").get<std::uint64_t>()) {
        // Compiled, and known to be what it should be, before anybody competes.
        kernel_.launch();
        kernel_.wait(0);
    }

    void open_lane() {
        LaneOptions lane;
        lane.device = job_.at("device_name").get<std::string>();
        lane.name = high_ ? "bench-high" : "bench-low";
        lane.priority = side_.at("priority").get<int>();
        try {
            lane_ = Lane::open(lane);
        } catch (const Error& error) {
            throw Failure(fmt::format("no lane on {}: {}", lane.device, error.what()));
        }
    }

    void play(std::uint64_t origin_ns, const LoadEnd& end) {
        MeasuredWindow window;
        window.begin_ns = origin_ns + to_ns(job_.at("warm_up_s").get<double>());
        window.end_ns = window.begin_ns + to_ns(job_.at("duration_s").get<double>());
        std::optional<LaneScope> scope;
        if (lane_) scope.emplace(*lane_);
        if (high_) {
            serve_requests(origin_ns, window, end);
        } else {
            run_without_pause(window, end);
        }
    }

    // After play(), on any thread.
    nlohmann::json result() {
        const std::vector<std::uint64_t> output = kernel_.results();
        nlohmann::json json = {
            {"high", high_},
            {"numbers", numbers_},
            {"output_sha256", sha256_hex(output.data(), output.size() * sizeof(output[0]))}};
        if (!job_.at("headway").get<bool>()) return json;
        json["counters"] = lane_ ? counters_of(*lane_) : own_lane_counters();
        return json;
    }

 private:
    void serve_requests(std::uint64_t origin_ns, const MeasuredWindow& window, const LoadEnd& end);
    void run_without_pause(const MeasuredWindow& window, const LoadEnd& end);

    const nlohmann::json& job_;
    const nlohmann::json& side_;
    const bool high_;
    SpinKernel kernel_;
    std::optional<Lane> lane_;
    nlohmann::json numbers_;
};

void QueueSide::serve_requests(std::uint64_t origin_ns,
                               const MeasuredWindow& window,
                               const LoadEnd& end) {
    ArrivalPlan plan;
    plan.kind = side_.at("poisson").get<bool>() ? Arrivals::kPoisson : Arrivals::kUniform;
    plan.rate_per_s = side_.at("rate").get<double>();
    plan.warm_up_s = job_.at("warm_up_s").get<double>();
    plan.duration_s = job_.at("duration_s").get<double>();
    plan.seed = side_.at("seed").get<std::uint64_t>();
    ArrivalSchedule schedule(plan);
    const auto serve = [this] {
        kernel_.launch();
        kernel_.wait(0);
    };
    const OpenLoopResult result = run_open_loop(schedule, origin_ns, window, serve, end);
    if (result.latencies_ms.empty()) {
        throw Failure("no request finished in time; lower --rate or raise --duration");
    }
    numbers_ = latency_json(result.latencies_ms);
    numbers_["mean_service_ms"] = rounded(mean(result.services_ms));
    numbers_["completed_rps"] =
        rounded(static_cast<double>(result.latencies_ms.size()) / plan.duration_s);
    numbers_["unfinished"] = result.unfinished;
    numbers_["arrivals_ms"] = rounded(result.arrivals_ms);
    numbers_["latencies_ms"] = rounded(result.latencies_ms);
}

void QueueSide::run_without_pause(const MeasuredWindow& window, const LoadEnd& end) {
    const auto left = side_.at("depth").get<std::size_t>() - 1;
    const auto iterate = [this, left] {
        kernel_.launch();
        kernel_.wait(left);
    };
    const ContinuousResult result = run_continuously(window, iterate, end);
    const double per_s = static_cast<double>(result.iterations) / result.seconds;
    // One kernel is one iteration is one image, for the ratios that all benchmarks share.
    numbers_ = {{"iterations", result.iterations},
                {"iterations_per_s", per_s},
                {"images_per_s", per_s},
                {"batch", 1}};
}

// The sides of this process, each on a thread of its own if there are several.
void play_all(std::deque<QueueSide>& sides, std::uint64_t origin_ns) {
    std::atomic<std::size_t> measured{0};
    const LoadEnd end{[&] {
                          if (measured.fetch_add(1) + 1 == sides.size()) tell_measured();
                      },
                      all_measured()};
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < sides.size(); ++i) {
        threads.emplace_back([&side = sides[i], origin_ns, &end] {
            try {
                side.play(origin_ns, end);
            } catch (...) {
                report_caught_and_exit();
            }
        });
    }
    // A failure here ends the process while the others still run.
    try {
        sides.front().play(origin_ns, end);
    } catch (...) {
        report_caught_and_exit();
    }
    for (std::thread& thread : threads)
        thread.join();
}

}  // namespace

void run_queues(const nlohmann::json& job) {
    send_phase("load", 0);
    SpinQueue queue(job.at("device").get<int>());
    std::deque<QueueSide> sides;
    for (const nlohmann::json& side : job.at("sides"))
        sides.emplace_back(queue, job, side);
    const bool headway = job.at("headway").get<bool>();
    // The kernels above have opened the process's lane, if there is a layer.
    if (own_lane_counters().is_null() == headway) {
        throw Failure(headway ? "the OpenCL layer did not schedule a scenario with Headway; does "
                                "the ICD loader know OPENCL_LAYERS, is HEADWAY_DISABLE set?"
                              : "a scenario without Headway has a lane; start headway-bench "
                                "without `headway run`");
    }
    for (QueueSide& side : sides) {
        if (headway && sides.size() > 1) side.open_lane();
    }
    const std::uint64_t origin_ns = wait_for_start();
    send_phase("run", job.at("warm_up_s").get<double>() + job.at("duration_s").get<double>());
    play_all(sides, origin_ns);
    nlohmann::json result = {{"event", "result"}, {"sides", nlohmann::json::array()}};
    for (QueueSide& side : sides)
        result["sides"].push_back(side.result());
    send_event(result);
}

void run_queues_calibration(const nlohmann::json& job) {
    send_phase("calibrate", 2);
    const int device = job.at("device").get<int>();
    const OpenClDeviceText text = describe_opencl_device(device);
    send_event({{"event", "result"},
                {"steps_per_ms", measure_steps_per_ms(device)},
                {"name", text.name},
                {"platform", text.platform},
                {"units", text.units}});
}

}  // namespace headway::bench
