#include "bench/result/machine_watch.h"

#include "bench/process/device_name.h"
#include "bench/process/nvml.h"
#include "bench/result/numbers.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

namespace headway::bench {
namespace {

constexpr std::chrono::milliseconds kPeriod{500};
constexpr std::chrono::milliseconds kStopLatency{20};

nlohmann::json load_average() {
    std::ifstream file("/proc/loadavg");
    double one_minute = 0;
    if (file >> one_minute) return one_minute;
    return nullptr;
}

}  // namespace

MachineWatch::MachineWatch(const std::string& device) : load_average_(load_average()) {
    const int gpu = gpu_index(device);
    if (gpu >= 0) nvml_ = Nvml::open(gpu);
    if (nvml_) sampler_ = std::thread([this] { sample_until_stopped(); });
}

MachineWatch::~MachineWatch() {
    stop();
}

void MachineWatch::stop() {
    stopped_.store(true);
    if (sampler_.joinable()) sampler_.join();
}

void MachineWatch::sample_until_stopped() {
    // Ctrl-C is for the thread that waits for the scenario.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    auto next = std::chrono::steady_clock::now();
    while (!stopped_.load()) {
        const GpuState state = nvml_->state();
        const auto keep = [this](const char* name, const std::optional<double>& value) {
            if (value) samples_[name].push_back(*value);
        };
        keep("sm_mhz", state.sm_mhz);
        keep("memory_mhz", state.memory_mhz);
        keep("power_w", state.power_w);
        keep("temperature_c", state.temperature_c);
        throttle_reasons_.insert(state.throttle_reasons.begin(), state.throttle_reasons.end());
        next += kPeriod;
        while (!stopped_.load() && std::chrono::steady_clock::now() < next)
            std::this_thread::sleep_for(kStopLatency);
    }
}

nlohmann::json MachineWatch::finish() {
    stop();
    nlohmann::json machine = nlohmann::json::object();
    if (!load_average_.is_null()) machine["load_average"] = load_average_;
    if (!nvml_) return machine;
    nlohmann::json& gpu = machine["gpu"];
    gpu["throttle_reasons"] = throttle_reasons_;
    std::size_t count = 0;
    for (const auto& [name, values] : samples_) {
        count = std::max(count, values.size());
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        gpu[name] = {{"min", *least}, {"mean", rounded(mean(values))}, {"max", *most}};
    }
    gpu["samples"] = count;
    return machine;
}

}  // namespace headway::bench
