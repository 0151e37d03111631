// AMD's GPUs, their driver, the HIP runtime, and Headway's library for it.
#include "cli/doctor/rocm.h"

#include "cli/doctor/elf_symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace headway::doctor {
namespace {

Finding device_finding(const RocmFacts& facts) {
    if (!facts.has_device && facts.has_driver) {
        return {
            "/dev/kfd",
            State::kProblem,
            "is not there, though the amdgpu driver is loaded: a container was not given it, or "
            "the driver was built without compute",
            "docker run --device=/dev/kfd --device=/dev/dri ..."};
    }
    if (!facts.has_device) {
        return {"/dev/kfd",
                State::kMissing,
                "is not there: the amdgpu driver is not loaded, or a container was not given it",
                "modprobe amdgpu, or docker run --device=/dev/kfd --device=/dev/dri ..."};
    }
    if (facts.device_error == EACCES) {
        return {
            "/dev/kfd",
            State::kProblem,
            fmt::format("may not be opened: it is the group {}'s (mode {:04o}), and this process "
                        "is not in that",
                        facts.device_group,
                        facts.device_mode),
            fmt::format("sudo usermod -aG {} $USER and log in again; in a container --group-add "
                        "$(stat -c %g /dev/kfd)",
                        facts.device_group)};
    }
    if (facts.device_error == EPERM) {
        return {"/dev/kfd",
                State::kProblem,
                "is there, but the container may not use devices of its kind",
                "start the container with --device=/dev/kfd instead of mounting the file"};
    }
    if (facts.device_error != 0) {
        return {"/dev/kfd",
                State::kProblem,
                fmt::format("can't be opened: {}", ::strerrordesc_np(facts.device_error)),
                "dmesg | grep -i amdgpu says what the driver found"};
    }
    return {
        "/dev/kfd",
        State::kOk,
        fmt::format("can be opened (group {}, mode {:04o})", facts.device_group, facts.device_mode),
        ""};
}

Finding driver_finding(const RocmFacts& facts) {
    if (!facts.has_driver) {
        return {"amdgpu", State::kNote, "the driver's files in /sys are not visible here", ""};
    }
    return {"amdgpu",
            State::kOk,
            facts.driver_version.empty() ? "the kernel's own driver"
                                         : "driver package " + facts.driver_version,
            ""};
}

Finding gpu_finding(const AmdGpu& gpu) {
    const std::string subject = fmt::format("AMD node {}", gpu.node);
    if (gpu.hidden) {
        return {subject, State::kNote, "a GPU that this process may not see", ""};
    }
    Finding finding{subject,
                    State::kOk,
                    fmt::format("{}{}, {} compute units, {}, KFD id {}",
                                gpu.marketing_name,
                                gpu.marketing_name.empty() ? gpu.gfx : " (" + gpu.gfx + ")",
                                gpu.compute_units,
                                gpu.pci_address,
                                gpu.gpu_id),
                    ""};
    if (gpu.partition != 0) finding.text += fmt::format(", partition {}", gpu.partition);
    if (gpu.context_save != 0) {
        finding.text += fmt::format(", {} MiB to save a queue", gpu.context_save >> 20);
    }
    return finding;
}

std::vector<Finding> gpu_findings(const RocmFacts& facts) {
    std::vector<Finding> findings;
    for (const AmdGpu& gpu : facts.gpus)
        findings.push_back(gpu_finding(gpu));
    if (findings.empty()) {
        findings.push_back({"AMD GPU",
                            facts.has_device ? State::kProblem : State::kMissing,
                            "the driver lists none in /sys/class/kfd",
                            "rocminfo and dmesg | grep -i kfd say what it found"});
    }
    return findings;
}

// Whether a running kernel can be taken off, and by whom queues are scheduled. Only queue control
// (level 3) depends on it.
std::vector<Finding> scheduling_findings(const RocmFacts& facts) {
    std::vector<Finding> findings;
    if (facts.cwsr == "0") {
        findings.push_back({"preemption",
                            State::kNote,
                            "off (cwsr_enable=0): a running kernel can't be taken off the GPU; the "
                            "gate does not need it",
                            ""});
    } else if (!facts.cwsr.empty()) {
        findings.push_back(
            {"preemption", State::kOk, "the driver can take a running kernel off (CWSR)", ""});
    }
    const std::string mes = facts.mes.empty() ? "not told" : facts.mes;
    if (facts.sched_policy == "0") {
        findings.push_back(
            {"queues", State::kOk, fmt::format("scheduled by the firmware (mes: {})", mes), ""});
    } else if (!facts.sched_policy.empty()) {
        findings.push_back(
            {"queues",
             State::kNote,
             fmt::format("sched_policy={}: not the driver's usual way (0)", facts.sched_policy),
             ""});
    }
    return findings;
}

std::vector<Finding> runtime_findings(const RocmFacts& facts) {
    std::vector<Finding> findings;
    for (const HipRuntime& runtime : facts.runtimes) {
        findings.push_back({"HIP runtime",
                            State::kOk,
                            fmt::format("{}{}{}",
                                        runtime.path,
                                        runtime.version.empty() ? "" : ", version ",
                                        runtime.version),
                            ""});
    }
    if (findings.empty()) {
        findings.push_back({"HIP runtime",
                            State::kMissing,
                            "libamdhip64.so is in no folder of the system's, of /opt/rocm*, or of "
                            "this Python",
                            "install ROCm or a PyTorch for ROCm, or run the doctor in its "
                            "environment"});
    }
    if (!facts.rocm_version.empty()) {
        findings.push_back({"ROCm", State::kOk, facts.rocm_version + " in /opt/rocm", ""});
    }
    return findings;
}

// Whether HEADWAY_AMD_LEVEL3 could see the runtime's calls.
std::vector<Finding> control_findings(const RocmFacts& facts) {
    if (facts.hsa_runtime.empty()) return {};
    const auto symbols = read_elf_symbols(facts.hsa_runtime);
    if (symbols && symbols->imports.count("ioctl") != 0) {
        return {{"queue control",
                 State::kOk,
                 "possible (HEADWAY_AMD_LEVEL3), off by default: untested on hardware",
                 ""}};
    }
    return {{"queue control",
             State::kNote,
             facts.hsa_runtime + " does not import ioctl: possible only through libhsakmt",
             ""}};
}

Finding shim_finding(const RocmMachine& machine, const RocmFacts& facts) {
    if (machine.shim.empty()) {
        return {"HIP library",
                facts.has_device ? State::kProblem : State::kMissing,
                "libheadway_hip.so is not beside this program, so HIP programs run unscheduled",
                "build or install them together"};
    }
    return {"HIP library", State::kOk, machine.shim, ""};
}

}  // namespace

Section examine_rocm(const RocmMachine& machine) {
    Section section{"ROCm", {}};
    const RocmFacts facts = read_rocm(machine);
    if (!facts.has_device && !facts.has_driver && facts.gpus.empty() && facts.runtimes.empty()) {
        section.findings.push_back(
            {"AMD", State::kMissing, "no GPU driver (/dev/kfd) and no HIP runtime", ""});
        return section;
    }
    const auto add = [&section](std::vector<Finding> findings) {
        for (Finding& finding : findings)
            section.findings.push_back(std::move(finding));
    };
    add({device_finding(facts), driver_finding(facts)});
    add(gpu_findings(facts));
    add(scheduling_findings(facts));
    add(runtime_findings(facts));
    add(control_findings(facts));
    add({shim_finding(machine, facts)});
    return section;
}

}  // namespace headway::doctor
