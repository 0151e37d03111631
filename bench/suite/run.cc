#include "bench/suite/run.h"

#include "base/unique_fd.h"
#include "bench/failure.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headway::bench {
namespace {

constexpr int kExecFailed = 127;
constexpr int kSignalBase = 128;
constexpr useconds_t kPollUs = 50'000;

// What happens between fork and exec. Never returns.
[[noreturn]] void become_benchmark(const std::vector<char*>& arguments,
                                   int table_fd,
                                   const std::string& prefix,
                                   pid_t parent) {
    ::dup2(table_fd, STDOUT_FILENO);
    // A suite that is killed must not leave a benchmark that keeps the device busy.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(kExecFailed);
    ::setenv(kProgressPrefix, prefix.c_str(), 1);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(kExecFailed);
}

int wait_for(pid_t pid) {
    bool told = false;
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid) break;
        if (ended < 0 && errno != EINTR) {
            throw Failure(fmt::format("can't wait for a benchmark: {}", std::strerror(errno)));
        }
        // On a terminal it has heard of Ctrl-C itself; twice does no harm.
        if (interrupted() && !told) told = ::kill(pid, SIGINT) == 0;
        ::usleep(kPollUs);
    }
    return WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

int run_benchmark(const SuiteRun& run) {
    const UniqueFd table(
        ::open(run.table_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!table.valid()) {
        throw Failure(fmt::format("{}: {}", run.table_path, std::strerror(errno)));
    }
    std::vector<std::string> words = run.arguments;
    words.insert(words.begin(), "headway-bench");
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) throw Failure(fmt::format("can't start a benchmark: {}", std::strerror(errno)));
    if (pid == 0) become_benchmark(arguments, table.get(), run.progress_prefix, parent);
    return wait_for(pid);
}

}  // namespace headway::bench
