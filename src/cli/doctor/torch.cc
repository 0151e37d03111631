// LibTorch and the library that schedules its operators.
#include "cli/doctor/build_facts.h"
#include "cli/doctor/probe.h"
#include "cli/doctor/sections.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <limits.h>
#include <link.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace headway::doctor {
namespace {

constexpr const char* kShim = "libheadway_torch.so.0";

// Beside this program, in the build's or the installation's library folder, or wherever the loader
// finds it.
std::string find_shim() {
    char path[PATH_MAX];
    const ssize_t bytes = ::readlink("/proc/self/exe", path, sizeof path - 1);
    if (bytes <= 0) return kShim;
    const std::string self(path, static_cast<std::size_t>(bytes));
    const std::string folder = self.substr(0, self.rfind('/') + 1);
    for (const std::string& place :
         {std::string(), std::string("../lib/"), "../" + std::string(kLibDir) + "/"}) {
        const std::string candidate = folder + place + kShim;
        if (::access(candidate.c_str(), R_OK) != 0) continue;
        return std::filesystem::weakly_canonical(candidate).string();
    }
    return kShim;
}

int note_torch(dl_phdr_info* info, std::size_t, void* out) {
    const std::string name = info->dlpi_name;
    if (name.find("/libtorch_cpu.so") != std::string::npos) *static_cast<std::string*>(out) = name;
    return 0;
}

// In a child: "ok PATH-OF-LIBTORCH", or the loader's reason. Loading takes a second and maps 0.5
// GB.
std::string probe_shim() {
    ::setenv("HEADWAY_DISABLE", "1", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    void* library = ::dlopen(find_shim().c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return ::dlerror();  // NOLINT(concurrency-mt-unsafe): one thread
    if (::dlsym(library, "headway_torch_install") == nullptr) {
        return "it has no headway_torch_install";
    }
    std::string torch = "(path unknown)";
    ::dl_iterate_phdr(note_torch, &torch);
    return "ok " + torch;
}

}  // namespace

Section examine_torch() {
    Section section{"LibTorch", {}};
    if (std::string(kTorchVersion).empty()) {
        section.findings.push_back({"operator gate",
                                    State::kMissing,
                                    "this build has none: LibTorch was not there when it was built",
                                    "install libtorch-dev and build again"});
        return section;
    }
    const ProbeReply reply = run_probe(probe_shim, 10);
    if (reply.finished && reply.text.rfind("ok ", 0) == 0) {
        section.findings.push_back({"operator gate", State::kOk, find_shim(), ""});
        section.findings.push_back(
            {"LibTorch",
             State::kOk,
             fmt::format("{} (built with {})", reply.text.substr(3), kTorchVersion),
             ""});
        return section;
    }
    section.findings.push_back(
        {"operator gate",
         State::kProblem,
         fmt::format("{} does not load: {}", find_shim(), reply.text),
         fmt::format("install LibTorch {} (Debian: libtorch1.13)", kTorchVersion)});
    return section;
}

}  // namespace headway::doctor
