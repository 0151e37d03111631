#include "bench/preempt/child_tasks.h"

#include "base/clock.h"
#include "bench/preempt/spin_gpu.h"
#include "bench/process/events.h"
#include "bench/process/own_lane.h"
#include "bench/process/rendezvous.h"
#include "bench/process/shim.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace headway::bench {
namespace {

// So many kernels are launched ahead of the one that runs: the GPU never waits for the host.
constexpr std::size_t kLaunchedAhead = 3;

double to_us(std::uint64_t ns) {
    return static_cast<double>(ns) / 1000;
}

std::uint64_t seconds_to_ns(double seconds) {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(kNsPerS));
}

void sleep_until(std::uint64_t time_ns) {
    timespec time{};
    time.tv_sec = static_cast<time_t>(time_ns / kNsPerS);
    time.tv_nsec = static_cast<long>(time_ns % kNsPerS);
    while (now_ns() < time_ns)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

SpinGpu load(const nlohmann::json& job) {
    send_phase("load", 0);
    check_shim(job.at("headway").get<bool>());
    return {job.at("gpu").get<int>(), job.at("kernel_us").get<std::uint64_t>()};
}

void add_counters(const nlohmann::json& job, nlohmann::json& result) {
    if (job.at("headway").get<bool>()) result["counters"] = own_lane_counters();
}

struct Probes {
    std::vector<double> arrivals_ms;
    std::vector<double> latencies_us;
    std::vector<double> launches_us;
};

struct Ticks {
    std::uint64_t begin_ns = 0;  // of the measured window
    std::uint64_t end_ns = 0;
    std::uint64_t interval_ns = 0;
};

// One probe per tick; a tick that passes while a probe runs is left out.
Probes probe(SpinGpu& gpu, std::uint64_t origin_ns, const Ticks& ticks) {
    Probes probes;
    for (std::uint64_t tick_ns = origin_ns; tick_ns < ticks.end_ns;) {
        sleep_until(tick_ns);
        const std::uint64_t begin_ns = now_ns();
        gpu.empty();
        const std::uint64_t launched_ns = now_ns();
        gpu.synchronise();
        const std::uint64_t end_ns = now_ns();
        if (begin_ns >= ticks.begin_ns) {
            probes.arrivals_ms.push_back(to_us(begin_ns - ticks.begin_ns) / 1000);
            probes.latencies_us.push_back(to_us(end_ns - begin_ns));
            probes.launches_us.push_back(to_us(launched_ns - begin_ns));
        }
        while (tick_ns <= end_ns)
            tick_ns += ticks.interval_ns;
    }
    return probes;
}

}  // namespace

void run_preempt_high(const nlohmann::json& job) {
    SpinGpu gpu = load(job);
    gpu.empty();
    gpu.synchronise();
    const std::uint64_t origin_ns = wait_for_start();
    const double warm_up_s = job.at("warm_up_s").get<double>();
    const double duration_s = job.at("duration_s").get<double>();
    send_phase("run", warm_up_s + duration_s);
    Ticks ticks;
    ticks.begin_ns = origin_ns + seconds_to_ns(warm_up_s);
    ticks.end_ns = ticks.begin_ns + seconds_to_ns(duration_s);
    ticks.interval_ns = seconds_to_ns(job.at("interval_ms").get<double>() / 1000);
    const Probes probes = probe(gpu, origin_ns, ticks);
    tell_measured();
    nlohmann::json result = {{"event", "result"},
                             {"begin_ns", ticks.begin_ns},
                             {"end_ns", ticks.end_ns},
                             {"arrivals_ms", probes.arrivals_ms},
                             {"latencies_us", probes.latencies_us},
                             {"launches_us", probes.launches_us}};
    add_counters(job, result);
    send_event(result);
}

void run_preempt_low(const nlohmann::json& job) {
    SpinGpu gpu = load(job);
    const auto blocks = job.at("blocks").get<unsigned>();
    const auto threads = job.at("threads").get<unsigned>();
    gpu.spin(blocks, threads);
    gpu.wait_for_spins(0);
    const std::uint64_t origin_ns = wait_for_start();
    // It has nothing to measure by itself: the parent counts its kernels in high's window.
    tell_measured();
    sleep_until(origin_ns);
    std::vector<std::uint64_t> ends_ns;
    while (!all_measured().load(std::memory_order_relaxed)) {
        gpu.spin(blocks, threads);
        gpu.wait_for_spins(kLaunchedAhead);
        ends_ns.push_back(now_ns());
    }
    nlohmann::json result = {{"event", "result"}, {"ends_ns", ends_ns}};
    add_counters(job, result);
    send_event(result);
}

}  // namespace headway::bench
