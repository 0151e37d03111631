#include "bench/result/host.h"

#include "base/version.h"
#include "bench/models/model.h"
#include "bench/process/child.h"
#include "bench/process/cuda_driver.h"
#include "bench/process/device_name.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <ctime>
#include <fstream>

namespace headway::bench {
namespace {

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        const std::size_t colon = line.find(": ");
        if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return "unknown";
}

std::string kernel() {
    utsname name{};
    if (uname(&name) != 0) return "unknown";
    return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

nlohmann::json text_or_null(const std::optional<std::string>& text) {
    return text ? nlohmann::json(*text) : nlohmann::json();
}

}  // namespace

nlohmann::json describe_host(const std::string& device) {
    nlohmann::json host = {{"cpu", cpu_name()},
                           {"cores", usable_cpus()},
                           {"gpu", nullptr},
                           {"driver", nullptr},
                           {"torch", torch_version()},
                           {"kernel", kernel()}};
    if (device != "cpu") {
        host["gpu"] = text_or_null(cuda_device_name(gpu_index(device)));
        host["driver"] = text_or_null(cuda_driver_version());
    }
    return host;
}

nlohmann::json describe_build() {
    return {{"version", kVersion}, {"commit", kCommit}};
}

std::string timestamp() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace headway::bench
