#include "bench/two_models/scenario_run.h"

#include "base/clock.h"
#include "bench/process/events.h"
#include "bench/two_models/child_job.h"
#include "bench/two_models/side.h"

#include <atomic>
#include <thread>

namespace headway::bench {
namespace {

// Between the start of the threads and their first work, so that all are there.
constexpr std::uint64_t kStartDelayNs = 20 * kNsPerMs;

void play_all(const std::vector<std::unique_ptr<Side>>& sides) {
    const std::uint64_t origin_ns = now_ns() + kStartDelayNs;
    std::atomic<std::size_t> unmeasured{sides.size()};
    std::atomic<bool> all_measured{false};
    const LoadEnd end = {[&] {
                             if (unmeasured.fetch_sub(1) == 1) all_measured.store(true);
                         },
                         all_measured};
    std::vector<std::thread> threads;
    for (const std::unique_ptr<Side>& side : sides) {
        threads.emplace_back([&side, &end, origin_ns] {
            try {
                side->play(origin_ns, end);
            } catch (...) {
                report_caught_and_exit();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
}

}  // namespace

void run_scenario(const nlohmann::json& json) {
    const ChildJob job(json);
    job.prepare();
    std::vector<std::unique_ptr<Side>> sides;
    for (const auto& [high, index] : sides_of(job.options, job.scenario)) {
        sides.push_back(make_side({job.options, job.scenario, job.repeat, high, index}));
        sides.back()->load();
    }
    send_phase("run", load_seconds(job.options));
    play_all(sides);
    const nlohmann::json memory = job.memory();
    nlohmann::json results = nlohmann::json::array();
    for (const std::unique_ptr<Side>& side : sides)
        results.push_back(side->result());
    send_event({{"event", "result"}, {"sides", results}, {"memory", memory}});
}

}  // namespace headway::bench
