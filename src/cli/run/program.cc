#include "cli/run/program.h"

#include "base/env.h"
#include "base/library_path.h"
#include "cli/output.h"
#include "cli/run/python.h"

#include <fmt/format.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace headway::cli {
namespace {

constexpr char kCudaShim[] = "libheadway_cuda.so";
constexpr char kHipShim[] = "libheadway_hip.so";
constexpr char kOpenClPreload[] = "libheadway_opencl_preload.so";

bool find_own_library(const char* name, std::string& out_path) {
    char path[PATH_MAX];
    const bool found = headway::find_own_library(name, path, sizeof(path));
    if (found) out_path = path;
    return found;
}

std::string_view file_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Puts `library` in front of the libraries that `variable` lists. A copy that an outer
// `headway run` put there goes, be it of another installation: two of them would both lead calls to
// the driver.
void prepend_library(const char* variable,
                     std::string_view separators,
                     const std::string& library) {
    const char* const present = ::getenv(variable);
    std::string_view rest = present != nullptr ? present : "";
    std::string list = library;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
        const std::string_view entry = rest.substr(0, end);
        if (!entry.empty() && file_name(entry) != file_name(library)) {
            list += ':';
            list += entry;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    ::setenv(variable, list.c_str(), 1);
}

// OpenCL's loader finds its layers by a list of its own. Without OpenCL's headers at build time
// there is no such library, and programs then use OpenCL unscheduled.
void prepare_opencl() {
    std::string path;
    if (!find_own_library("libheadway_opencl.so", path)) return;
    if (path.find(':') != std::string::npos) return;  // the list knows no way to quote one
    prepend_library("OPENCL_LAYERS", ":", path);
}

void set_variables(const Variables& variables) {
    for (const auto& [name, value] : variables) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
}

int explain_failure(const Program& program, int error) {
    const std::string& file = program.words.front();
    const bool is_path = file.find('/') != std::string::npos;
    if (error == ENOENT && is_path && ::access(file.c_str(), F_OK) == 0) {
        complain("run",
                 fmt::format("can't run {}: the interpreter or loader that it names is not there",
                             file));
        return kExitNotRunnable;
    }
    if (error == ENOENT && !is_path) {
        complain("run", fmt::format("can't run {}: no such program in PATH", file));
        return kExitNotFound;
    }
    complain("run", fmt::format("can't run {}: {}", file, ::strerrordesc_np(error)));
    return error == ENOENT ? kExitNotFound : kExitNotRunnable;
}

}  // namespace

Status find_shims(Shims* out_shims) {
    if (!find_own_library(kCudaShim, out_shims->cuda)) {
        return Status::error(Code::kNotFound,
                             "%s is not beside this program; build or install them together",
                             kCudaShim);
    }
    const bool hip_wanted =
        ::access("/dev/kfd", F_OK) == 0 || ::getenv("HEADWAY_HIP_RUNTIME") != nullptr;
    if (!hip_wanted || !find_own_library(kHipShim, out_shims->hip)) out_shims->hip.clear();
    if (!env_flag("HEADWAY_OPENCL_PRELOAD") ||
        !find_own_library(kOpenClPreload, out_shims->opencl)) {
        out_shims->opencl.clear();
    }
    for (const std::string& path : {out_shims->cuda, out_shims->hip, out_shims->opencl}) {
        if (path.find_first_of(": ") == std::string::npos) continue;
        return Status::error(Code::kNotFound,
                             "%s can't be preloaded: LD_PRELOAD takes no path with a space or a "
                             "colon; install Headway elsewhere",
                             path.c_str());
    }
    return {};
}

int become(const Program& program, const Shims& shims) {
    set_variables(program.options);
    set_variables(program.environment);
    if (!shims.opencl.empty()) prepend_library("LD_PRELOAD", ": ", shims.opencl);
    if (!shims.hip.empty()) prepend_library("LD_PRELOAD", ": ", shims.hip);
    prepend_library("LD_PRELOAD", ": ", shims.cuda);
    prepare_opencl();
    prepare_python();
    // Tells the program's libraries that it has a lane of its own.
    ::setenv("HEADWAY_PRIORITY", "0", 0);
    if (!program.folder.empty() && ::chdir(program.folder.c_str()) != 0) {
        complain("run",
                 fmt::format("can't start in {}: {}", program.folder, ::strerrordesc_np(errno)));
        return kExitNotRunnable;
    }
    std::vector<std::string> words = program.words;
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored in the program
    ::execvp(argv[0], argv.data());
    return explain_failure(program, errno);
}

}  // namespace headway::cli
