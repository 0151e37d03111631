#include "base/library_path.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <fmt/format.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace headway::cli {
namespace {

// The shell's own statuses for a program that is not there, and one that can't be started.
constexpr int kExitNotFound = 127;
constexpr int kExitNotRunnable = 126;

void set_number(const char* name, const std::optional<int>& value) {
    if (value) ::setenv(name, std::to_string(*value).c_str(), 1);
}

// The options as the environment variables that the shim reads, so that children inherit them.
void export_options(const RunOptions& options) {
    set_number("HEADWAY_PRIORITY", options.priority);
    set_number("HEADWAY_THRESHOLD", options.threshold);
    set_number("HEADWAY_BATCH_SIZE", options.batch_size);
    set_number("HEADWAY_BUDGET_US", options.budget_us);
    set_number("HEADWAY_LINGER_US", options.linger_us);
    set_number("HEADWAY_MAX_HOLD_MS", options.max_hold_ms);
    if (!options.name.empty()) ::setenv("HEADWAY_NAME", options.name.c_str(), 1);
    if (options.stats) ::setenv("HEADWAY_STATS", "1", 1);
}

// Puts the shim in front of what is preloaded already; once is enough for nested runs.
void preload(const std::string& library) {
    const char* const present = ::getenv("LD_PRELOAD");
    if (present == nullptr || *present == '\0') {
        ::setenv("LD_PRELOAD", library.c_str(), 1);
    } else if (std::strstr(present, library.c_str()) == nullptr) {
        ::setenv("LD_PRELOAD", fmt::format("{}:{}", library, present).c_str(), 1);
    }
}

}  // namespace

int run_program(const RunOptions& options) {
    char shim[PATH_MAX];
    if (!find_own_library("libheadway_cuda.so", shim, sizeof(shim))) {
        complain("run",
                 "libheadway_cuda.so is not beside this program; build or install them together");
        return kExitFailed;
    }
    export_options(options);
    preload(shim);
    std::vector<std::string> words = options.program;
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    std::signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored in the program
    ::execvp(argv[0], argv.data());
    const int error = errno;
    complain("run", fmt::format("can't run {}: {}", words[0], ::strerrordesc_np(error)));
    return error == ENOENT ? kExitNotFound : kExitNotRunnable;
}

}  // namespace headway::cli
