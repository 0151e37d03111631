// GPUs, as far as this version knows them.
#include "cli/doctor/probe.h"
#include "cli/doctor/sections.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace headway::doctor {
namespace {

// The part of the CUDA driver API that the probe needs; 0 is success, and handles are numbers.
using Init = int (*)(unsigned);
using GetVersion = int (*)(int*);
using GetCount = int (*)(int*);
using GetName = int (*)(char*, int, int);

template <typename Function>
Function find(void* library, const char* name) {
    return reinterpret_cast<Function>(::dlsym(library, name));
}

// In a child: one line "ok VERSION" and one line per GPU, or the reason why there is none.
std::string probe_cuda() {
    void* library = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return "no driver library (libcuda.so.1)";
    const auto init = find<Init>(library, "cuInit");
    const auto version = find<GetVersion>(library, "cuDriverGetVersion");
    const auto count = find<GetCount>(library, "cuDeviceGetCount");
    const auto name = find<GetName>(library, "cuDeviceGetName");
    if (!init || !version || !count || !name) return "libcuda.so.1 lacks the driver's entries";
    if (const int error = init(0); error != 0) {
        return fmt::format("cuInit fails with error {}", error);
    }
    int number = 0;
    int devices = 0;
    if (version(&number) != 0 || count(&devices) != 0) return "the driver does not answer";
    std::string text = fmt::format("ok {}.{}", number / 1000, number % 1000 / 10);
    for (int device = 0; device < devices; ++device) {
        char label[256] = "";
        text += fmt::format("\n{}", name(label, sizeof label, device) == 0 ? label : "unnamed");
    }
    return text;
}

std::string kernel_module() {
    std::ifstream version("/proc/driver/nvidia/version");
    std::string line;
    std::getline(version, line);
    return line;
}

void add_cuda(Section& section) {
    const std::string module = kernel_module();
    const ProbeReply reply = run_probe(probe_cuda, 20);
    std::istringstream lines(reply.text);
    std::string first;
    std::getline(lines, first);
    if (!reply.finished || first.rfind("ok ", 0) != 0) {
        const bool broken = !module.empty() || !reply.finished;
        section.findings.push_back({"NVIDIA",
                                    broken ? State::kProblem : State::kMissing,
                                    (broken ? "driver present, but " : "no GPU: ") + first,
                                    broken ? "run nvidia-smi to see what the driver says" : ""});
        return;
    }
    section.findings.push_back({"NVIDIA driver", State::kOk, "CUDA " + first.substr(3), ""});
    int device = 0;
    for (std::string name; std::getline(lines, name); ++device) {
        section.findings.push_back({fmt::format("cuda:{}", device), State::kOk, name, ""});
    }
}

}  // namespace

Section examine_gpu() {
    Section section{"GPU", {}};
    add_cuda(section);
    if (::access("/dev/kfd", F_OK) == 0) {
        section.findings.push_back({"AMD", State::kNote, "GPU driver present (/dev/kfd)", ""});
    }
    return section;
}

}  // namespace headway::doctor
