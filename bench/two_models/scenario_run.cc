#include "bench/two_models/scenario_run.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/load/continuous.h"
#include "bench/load/open_loop.h"
#include "bench/process/events.h"
#include "bench/process/memory.h"
#include "bench/result/numbers.h"
#include "bench/two_models/lanes.h"
#include "bench/two_models/options.h"
#include "bench/two_models/scenarios.h"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

namespace headway::bench {
namespace {

// Between the start of the threads and their first work, so that both are there.
constexpr std::uint64_t kStartDelayNs = 20 * kNsPerMs;

std::uint64_t to_ns(double seconds) {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(kNsPerS));
}

// One model of the scenario, and the lane that it runs in where Headway schedules.
struct Player {
    std::unique_ptr<Model> model;
    std::optional<Lane> lane;
};

ModelSpec spec_of(const Options& options, const Scenario& scenario, bool high) {
    ModelSpec spec;
    spec.architecture = high ? Architecture::kResNet18 : Architecture::kResNet50;
    spec.device = options.device;
    spec.dtype = options.dtype;
    spec.batch = high ? options.high_batch : options.low_batch;
    spec.threads = options.threads;
    spec.stream = stream_of(scenario, high, options.stream);
    spec.seed = options.seed;
    return spec;
}

// Runs `body` on a new thread, in the player's lane. An exception ends the scenario at once.
std::thread start(Player& player, std::function<void()> body) {
    return std::thread([&player, body = std::move(body)] {
        try {
            player.model->bind_thread();
            std::optional<LaneScope> scope;
            if (player.lane) scope.emplace(*player.lane);
            body();
        } catch (...) {
            report_caught_and_exit();
        }
    });
}

class ScenarioRun {
 public:
    ScenarioRun(const Options& options, const Scenario& scenario, int repeat)
        : options_(options), scenario_(scenario), repeat_(repeat) {}

    // Returns the entry of the result file.
    nlohmann::json run();

 private:
    void load();
    void play();
    ArrivalPlan arrivals() const;
    nlohmann::json high_json() const;
    nlohmann::json low_json() const;

    const Options& options_;
    const Scenario& scenario_;
    int repeat_;
    Player high_;
    Player low_;
    OpenLoopResult high_result_;
    ContinuousResult low_result_;
};

void ScenarioRun::load() {
    send_phase("load", 0);
    prepare_torch(options_.tf32);
    if (options_.memory_cap_mib > 0 && options_.device == "cpu") {
        limit_memory(options_.memory_cap_mib);
    } else if (options_.memory_cap_mib > 0) {
        occupy_gpu_memory(options_.device, options_.memory_cap_mib);
    }
    if (scenario_.high) high_.model = std::make_unique<Model>(spec_of(options_, scenario_, true));
    if (scenario_.low) low_.model = std::make_unique<Model>(spec_of(options_, scenario_, false));
    if (scenario_.scheduler != Scheduler::kHeadway) return;
    install_gate(options_);
    if (scenario_.high) high_.lane.emplace(open_lane(options_, true));
    if (scenario_.low) low_.lane.emplace(open_lane(options_, false));
}

ArrivalPlan ScenarioRun::arrivals() const {
    // The same arrivals in all scenarios of a repeat, others in the next repeat.
    const std::uint64_t seed = options_.seed + 1'000'003 * static_cast<std::uint64_t>(repeat_);
    return {options_.arrivals, options_.rate, options_.warm_up, options_.duration, seed};
}

void ScenarioRun::play() {
    send_phase("run", options_.warm_up + options_.duration);
    const std::uint64_t origin_ns = now_ns() + kStartDelayNs;
    MeasuredWindow window;
    window.begin_ns = origin_ns + to_ns(options_.warm_up);
    window.end_ns = window.begin_ns + to_ns(options_.duration);
    ArrivalSchedule schedule(arrivals());
    std::atomic<bool> low_done{!scenario_.low};
    std::thread high_thread;
    std::thread low_thread;
    if (scenario_.low) {
        low_thread = start(low_, [&] {
            // On a GPU the next iteration is launched before the last has ended, so that the
            // device never waits for the host; a CPU has done everything when run() returns.
            low_result_ = run_continuously(window, [this] {
                low_.model->run();
                low_.model->wait(1);
            });
        });
    }
    if (scenario_.high) {
        high_thread = start(high_, [&] {
            const auto serve = [this] {
                high_.model->run();
                high_.model->wait(0);
            };
            high_result_ = run_open_loop(schedule, origin_ns, window, serve, low_done);
        });
    }
    if (low_thread.joinable()) low_thread.join();
    low_done.store(true, std::memory_order_relaxed);
    if (high_thread.joinable()) high_thread.join();
}

nlohmann::json ScenarioRun::high_json() const {
    if (high_result_.latencies_ms.empty()) {
        throw Failure("no request finished in time; lower --rate or raise --duration");
    }
    nlohmann::json json = latency_json(high_result_.latencies_ms);
    json["mean_service_ms"] = rounded(mean(high_result_.services_ms));
    json["completed_rps"] =
        rounded(static_cast<double>(high_result_.latencies_ms.size()) / options_.duration);
    json["unfinished"] = high_result_.unfinished;
    json["arrivals_ms"] = rounded(high_result_.arrivals_ms);
    json["latencies_ms"] = rounded(high_result_.latencies_ms);
    return json;
}

nlohmann::json ScenarioRun::low_json() const {
    const double per_s = static_cast<double>(low_result_.iterations) / low_result_.seconds;
    return {{"iterations", low_result_.iterations},
            {"iterations_per_s", per_s},
            {"images_per_s", per_s * options_.low_batch},
            {"batch", options_.low_batch}};
}

nlohmann::json ScenarioRun::run() {
    load();
    play();
    nlohmann::json entry = {{"name", scenario_.name}, {"repeat", repeat_}};
    if (const auto memory = read_memory(options_.device)) {
        entry["memory_mib"] = {{"used", rounded(memory->used)}, {"free", rounded(memory->free)}};
    }
    // The outputs of the last pass of the run, computed beside the other model. Equal work has an
    // equal name: another batch is another computation.
    if (scenario_.high) {
        entry["high"] = high_json();
        entry["output_sha256"][fmt::format("resnet18 b{}", options_.high_batch)] =
            high_.model->output_sha256();
    }
    if (scenario_.low) {
        entry["low"] = low_json();
        entry["output_sha256"][fmt::format("resnet50 b{}", options_.low_batch)] =
            low_.model->output_sha256();
    }
    if (high_.lane) entry["counters"]["high"] = counters_of(*high_.lane);
    if (low_.lane) entry["counters"]["low"] = counters_of(*low_.lane);
    return entry;
}

}  // namespace

void run_scenario(const nlohmann::json& job) {
    const Options options = options_from_json(job.at("options"));
    const Scenario* scenario = find_scenario(job.at("scenario").get<std::string>());
    if (scenario == nullptr) throw Failure("a child was asked for a scenario that doesn't exist");
    ScenarioRun run(options, *scenario, job.at("repeat").get<int>());
    send_event({{"event", "result"}, {"scenario", run.run()}});
}

}  // namespace headway::bench
