// What the machine did while a scenario ran: whether a repeat is to be trusted like the others.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

class Nvml;

// From its making to finish() or its end, a thread asks the GPU for its clocks, power and
// temperature twice a second, where the driver's management library is there. Not thread-safe.
class MachineWatch {
 public:
    explicit MachineWatch(const std::string& device);
    ~MachineWatch();
    MachineWatch(const MachineWatch&) = delete;
    MachineWatch& operator=(const MachineWatch&) = delete;

    // The scenario's "machine": {"load_average": of the last minute when this was made, "gpu":
    // {"samples", "sm_mhz": {"min", "mean", "max"}, "memory_mhz", "power_w", "temperature_c",
    // "throttle_reasons": [...]}}; what is not known is absent. Call it once.
    nlohmann::json finish();

 private:
    void sample_until_stopped();
    void stop();

    nlohmann::json load_average_;
    std::unique_ptr<Nvml> nvml_;
    std::atomic<bool> stopped_{false};
    // Of the thread, until it has been joined.
    std::map<std::string, std::vector<double>> samples_;
    std::set<std::string> throttle_reasons_;
    std::thread sampler_;
};

}  // namespace headway::bench
