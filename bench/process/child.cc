#include "bench/process/child.h"

#include "bench/failure.h"
#include "bench/process/events.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace headway::bench {
namespace {

constexpr int kExecFailed = 127;

[[noreturn]] void fail(const char* what) {
    throw Failure(fmt::format("can't start a scenario: {}: {}", what, std::strerror(errno)));
}

// The last `count` CPUs of those allowed: CPU 0 serves most interrupts.
cpu_set_t last_cpus(int count) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) fail("sched_getaffinity");
    cpu_set_t chosen;
    CPU_ZERO(&chosen);
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && count > 0; --cpu) {
        if (!CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) continue;
        CPU_SET(static_cast<std::size_t>(cpu), &chosen);
        --count;
    }
    return chosen;
}

UniqueFd file_with(const std::string& text) {
    UniqueFd file(memfd_create(kJobName, MFD_CLOEXEC));
    if (!file.valid()) fail("memfd_create");
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(file.get(), 0, SEEK_SET) != 0) {
        fail("write");
    }
    return file;
}

// This process's environment with one BLAS thread: OpenBLAS keeps its own threads spinning for
// some 25 ms after each product, and they then take the cores that LibTorch's threads need.
// A value that the user has set stays. `preload`: a library to load before all others, or empty;
// ahead of what the user preloads.
std::vector<std::string> child_environment(std::string preload) {
    static constexpr std::string_view kPreload = "LD_PRELOAD=";
    std::vector<std::string> entries;
    bool has_blas = false;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        entries.emplace_back(*entry);
        if (!preload.empty() && entries.back().rfind(kPreload, 0) == 0) {
            preload += ":" + entries.back().substr(kPreload.size());
            entries.pop_back();
            continue;
        }
        has_blas |= entries.back().rfind("OPENBLAS_NUM_THREADS=", 0) == 0;
    }
    if (!has_blas) entries.emplace_back("OPENBLAS_NUM_THREADS=1");
    if (!preload.empty()) entries.push_back(std::string(kPreload) + preload);
    return entries;
}

// What happens between fork and exec: system calls only. Never returns.
[[noreturn]] void become_child(int job_fd,
                               int events_fd,
                               const cpu_set_t* cpus,
                               char** environment) {
    // The events' descriptor may be the very number that it has to get, and then keeps its flag.
    if (::dup2(job_fd, STDIN_FILENO) < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        ::_exit(kExecFailed);
    }
    if (events_fd == kEventsFd) {
        ::fcntl(events_fd, F_SETFD, 0);
    } else if (::dup2(events_fd, kEventsFd) < 0) {
        ::_exit(kExecFailed);
    }
    if (cpus != nullptr) sched_setaffinity(0, sizeof *cpus, cpus);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Ctrl-C goes to the whole foreground group; the parent decides what it means.
    signal(SIGINT, SIG_IGN);
    char name[] = "headway-bench";
    char command[] = "child";
    static_assert(sizeof command == sizeof "child");
    std::array<char*, 3> arguments = {name, command, nullptr};
    ::execve("/proc/self/exe", arguments.data(), environment);
    ::_exit(kExecFailed);
}

}  // namespace

ChildProcess::ChildProcess(const nlohmann::json& job, int cpus) {
    const UniqueFd job_file = file_with(job.dump());
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    events_ = UniqueFd(ends[0]);
    const UniqueFd write_end(ends[1]);
    std::vector<std::string> environment = child_environment(job.value("preload", ""));
    std::vector<char*> environment_pointers;
    for (std::string& entry : environment)
        environment_pointers.push_back(entry.data());
    environment_pointers.push_back(nullptr);
    const cpu_set_t pinned = last_cpus(cpus);
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) {
        become_child(job_file.get(),
                     write_end.get(),
                     cpus > 0 ? &pinned : nullptr,
                     environment_pointers.data());
    }
}

ChildProcess::~ChildProcess() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::optional<nlohmann::json> ChildProcess::take_line() {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    const std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    try {
        return nlohmann::json::parse(line);
    } catch (const nlohmann::json::exception&) {
        throw Failure("a scenario sent an event that isn't JSON");
    }
}

std::optional<nlohmann::json> ChildProcess::next_event(std::chrono::milliseconds timeout) {
    if (auto event = take_line()) return event;
    pollfd wanted{events_.get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(timeout.count())) <= 0) return std::nullopt;
    std::array<char, 65'536> chunk{};
    const ssize_t bytes = ::read(events_.get(), chunk.data(), chunk.size());
    if (bytes > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(bytes));
    if (bytes == 0) ended_ = true;
    return take_line();
}

ChildProcess::Exit ChildProcess::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) {
        if (errno != EINTR) fail("waitpid");
    }
    pid_ = -1;
    Exit exit;
    if (WIFSIGNALED(status)) {
        exit.signal = WTERMSIG(status);
    } else {
        exit.code = WEXITSTATUS(status);
    }
    return exit;
}

void ChildProcess::terminate() noexcept {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

int usable_cpus() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    return CPU_COUNT(&allowed);
}

}  // namespace headway::bench
