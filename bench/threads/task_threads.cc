#include "bench/threads/task_threads.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/process/events.h"
#include "bench/process/memory.h"
#include "bench/process/shim.h"
#include "bench/result/numbers.h"
#include "bench/threads/entry.h"
#include "bench/threads/options.h"
#include "bench/threads/scenarios.h"
#include "bench/two_models/lanes.h"

#include <fmt/format.h>

#include <barrier>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <thread>

namespace headway::bench {
namespace {

struct Job {
    explicit Job(const nlohmann::json& json)
        : options(threads_options_from_json(json.at("options"))),
          scenario(find_threads_scenario(json.at("scenario").get<std::string>())),
          repeat(json.at("repeat").get<std::uint64_t>()) {
        if (scenario == nullptr) throw Failure("a child was asked for a scenario that isn't there");
    }

    int threads() const { return scenario->high + scenario->low; }

    ThreadsOptions options;
    const ThreadsScenario* scenario;
    std::uint64_t repeat;
};

// What the lanes of two-models are opened with; they are the same here.
Options lane_settings(const Job& job) {
    Options settings;
    settings.device = job.options.device;
    settings.low_count = job.scenario->low;
    settings.high_priority = job.options.high_priority;
    settings.low_priority = job.options.low_priority;
    settings.threshold = job.options.threshold;
    settings.batch_size = job.options.batch_size;
    settings.budget_us = job.options.budget_us;
    settings.linger_us = job.options.linger_us;
    settings.max_hold_ms = job.options.max_hold_ms;
    return settings;
}

// All threads have the same seed: equal matrices, and so equal outputs.
ModelSpec model_spec(const ThreadsOptions& options) {
    ModelSpec spec;
    spec.architecture = Architecture::kProducts;
    spec.device = options.device;
    spec.side = options.side;
    spec.products = options.products;
    spec.stream = options.stream;
    spec.seed = options.seed;
    return spec;
}

// One thread's work. Made by the main thread, used by its own.
class TaskThread {
 public:
    TaskThread(const Job& job, int index)
        : job_(job),
          model_(model_spec(job.options)),
          pauses_(job.options.seed + 1'000'003 * job.repeat + static_cast<unsigned>(index)) {
        log_.high = index < job.scenario->high;
        if (job.scenario->headway) {
            lane_.emplace(open_lane(
                lane_settings(job), log_.high, log_.high ? index : index - job.scenario->high));
        }
    }

    // A task that does not count (libraries make their handles at a thread's first product), then
    // `start`, then the tasks. Blocks.
    template <typename Start>
    void work(Start&& start);

    TaskLog log();

 private:
    void run_task();
    void pause();

    const Job& job_;
    Model model_;
    std::optional<Lane> lane_;
    std::mt19937_64 pauses_;
    TaskLog log_;
};

template <typename Start>
void TaskThread::work(Start&& start) {
    model_.bind_thread();
    std::optional<LaneScope> scope;
    if (lane_) scope.emplace(*lane_);
    run_task();
    start();
    for (int i = 0; i < job_.options.tasks; ++i) {
        const std::uint64_t begin_ns = now_ns();
        run_task();
        log_.tasks_ns.emplace_back(begin_ns, now_ns());
        if (job_.scenario->think) pause();
    }
}

void TaskThread::run_task() {
    model_.run();
    model_.wait(0);
}

void TaskThread::pause() {
    std::uniform_real_distribution<double> pause_ms(0, 2 * job_.options.think_ms);
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(pause_ms(pauses_)));
}

TaskLog TaskThread::log() {
    log_.output_sha256 = model_.output_sha256();
    if (lane_) log_.counters = counters_of(*lane_);
    return std::move(log_);
}

// Returns when the tasks began, on the clock of base/clock.h.
std::uint64_t work_all(const std::vector<std::unique_ptr<TaskThread>>& workers) {
    std::uint64_t origin_ns = 0;
    std::barrier start(static_cast<std::ptrdiff_t>(workers.size()),
                       [&origin_ns]() noexcept { origin_ns = now_ns(); });
    std::vector<std::thread> threads;
    for (const auto& worker : workers) {
        threads.emplace_back([&worker, &start] {
            try {
                worker->work([&start] { start.arrive_and_wait(); });
            } catch (...) {
                report_caught_and_exit();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    return origin_ns;
}

void prepare(const Job& job) {
    send_phase("load", 0);
    prepare_torch(false);
    if (job.options.tf32) allow_tf32_products();
    if (job.options.device != "cpu") check_shim(job.scenario->headway);
    if (job.scenario->headway) install_gate(lane_settings(job));
}

}  // namespace

void run_task_threads(const nlohmann::json& json) {
    const Job job(json);
    prepare(job);
    std::vector<std::unique_ptr<TaskThread>> workers;
    for (int i = 0; i < job.threads(); ++i)
        workers.push_back(std::make_unique<TaskThread>(job, i));
    send_phase("run", 0);
    const std::uint64_t origin_ns = work_all(workers);
    std::vector<TaskLog> logs;
    for (const auto& worker : workers)
        logs.push_back(worker->log());
    nlohmann::json entry = entry_of(
        logs, origin_ns, fmt::format("{} products {}", job.options.products, job.options.side));
    if (const auto memory = read_memory(job.options.device)) {
        entry["memory_mib"] = {{"used", rounded(memory->used)}, {"free", rounded(memory->free)}};
    }
    send_event({{"event", "result"}, {"entry", entry}});
}

}  // namespace headway::bench
