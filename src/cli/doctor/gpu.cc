// GPUs, their driver, and Headway's library in front of it.
#include "cli/doctor/driver_probe.h"
#include "cli/doctor/sections.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace headway::doctor {
namespace {

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

Finding shim_finding(const DriverFacts& facts) {
    if (facts.shim.empty()) {
        return {"CUDA library",
                State::kProblem,
                "libheadway_cuda.so is not beside this program, so `headway run` can't start",
                "build or install them together"};
    }
    if (!facts.shim_error.empty()) {
        return {"CUDA library",
                State::kProblem,
                fmt::format("{} does not load: {}", facts.shim, facts.shim_error),
                "build it on this machine, or with an older C library"};
    }
    if (facts.shim.find_first_of(": ") != std::string::npos) {
        return {"CUDA library",
                State::kProblem,
                facts.shim + " can't be preloaded: its path has a space or a colon",
                "install Headway elsewhere"};
    }
    return {"CUDA library", State::kOk, facts.shim + " loads", ""};
}

Finding no_gpu_finding(const DriverFacts& facts) {
    const bool module = ::access("/proc/driver/nvidia/version", F_OK) == 0;
    const std::string why = facts.driver.empty() && facts.error.rfind("cuInit", 0) == 0
                                ? "no driver library (libcuda.so.1) was found"
                            : facts.error.empty() ? "the driver shows no device"
                                                  : facts.error;
    if (!module && facts.driver.empty()) return {"NVIDIA", State::kMissing, "no GPU: " + why, ""};
    return {"NVIDIA",
            State::kProblem,
            fmt::format("{}, but {}",
                        facts.driver.empty() ? "the kernel's driver is there" : facts.driver,
                        why),
            facts.driver.empty() ? "install the driver's libraries, or set HEADWAY_CUDA_DRIVER to "
                                   "the file libcuda.so.1"
                                 : "run nvidia-smi to see what the driver says"};
}

Finding driver_finding(const DriverFacts& facts) {
    return {"NVIDIA driver",
            State::kOk,
            fmt::format("{}{}CUDA {}.{}, {}",
                        facts.nvidia,
                        facts.nvidia.empty() ? "" : ", ",
                        facts.cuda_version / 1000,
                        facts.cuda_version % 1000 / 10,
                        facts.driver.empty() ? "its file is not known" : facts.driver),
            ""};
}

Finding gpu_finding(int ordinal, const GpuFacts& gpu) {
    constexpr std::array kModes = {
        "default", "exclusive thread", "prohibited", "exclusive process"};
    Finding finding{fmt::format("cuda:{}", ordinal), State::kOk, gpu.name, ""};
    if (gpu.uuid.empty()) {
        finding.state = State::kProblem;
        finding.text += "; the driver does not tell its UUID, so programs run unscheduled on it";
        return finding;
    }
    finding.text += ", " + gpu.uuid;
    const auto mode = static_cast<std::size_t>(gpu.compute_mode);
    if (gpu.compute_mode >= 0 && mode < kModes.size()) {
        finding.text += fmt::format(", compute mode {}", kModes[mode]);
    }
    if (!gpu.mig.empty()) finding.text += ", " + gpu.mig;
    if (gpu.compute_mode > 0) {
        finding.state = State::kNote;
        finding.remedy =
            "only one process at a time can use it: nvidia-smi -c DEFAULT changes that";
    }
    return finding;
}

Finding mps_finding() {
    const char* const set =
        std::getenv("CUDA_MPS_PIPE_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    const std::string folder = set != nullptr && *set != '\0' ? set : "/tmp/nvidia-mps";
    const std::string pid = first_line(folder + "/nvidia-cuda-mps-control.pid");
    const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
    if (number && first_line("/proc/" + pid + "/comm").rfind("nvidia-cuda-mps", 0) == 0) {
        return {"MPS",
                State::kNote,
                fmt::format("runs (process {}): priorities work, but the timeslice is off, since "
                            "the GPU's channels are the server's",
                            pid),
                "echo quit | nvidia-cuda-mps-control stops it"};
    }
    return {"MPS", State::kOk, "does not run", ""};
}

}  // namespace

Section examine_gpu() {
    Section section{"GPU", {}};
    const DriverFacts facts = probe_driver();
    section.findings.push_back(shim_finding(facts));
    if (!facts.error.empty() || facts.gpus.empty()) {
        section.findings.push_back(no_gpu_finding(facts));
    } else {
        section.findings.push_back(driver_finding(facts));
        for (std::size_t i = 0; i < facts.gpus.size(); ++i)
            section.findings.push_back(gpu_finding(static_cast<int>(i), facts.gpus[i]));
        section.findings.push_back(mps_finding());
    }
    if (!facts.driver.empty()) {
        for (Finding& finding : examine_coverage(facts.driver))
            section.findings.push_back(std::move(finding));
    }
    return section;
}

}  // namespace headway::doctor
