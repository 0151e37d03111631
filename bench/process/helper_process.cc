#include "bench/process/helper_process.h"

#include "bench/failure.h"
#include "bench/process/environment.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace headway::bench {
namespace {

constexpr int kExecFailed = 127;
constexpr int kSignalBase = 128;
constexpr std::chrono::milliseconds kPoll{20};

UniqueFd memory_file(const std::string& text) {
    UniqueFd file(::memfd_create("headway-bench-helper", MFD_CLOEXEC));
    const auto bytes = static_cast<ssize_t>(text.size());
    if (!file.valid() || ::write(file.get(), text.data(), text.size()) != bytes ||
        ::lseek(file.get(), 0, SEEK_SET) != 0) {
        throw Failure(fmt::format("can't start a program: {}", std::strerror(errno)));
    }
    return file;
}

}  // namespace

HelperProcess::HelperProcess(const std::vector<std::string>& words,
                             const nlohmann::json& environment,
                             const std::string& input)
    : output_(memory_file("")) {
    const UniqueFd input_file = memory_file(input);
    std::vector<std::string> arguments = words;
    std::vector<std::string> variables = entries_of(changed_environment(environment));
    const std::vector<char*> argument_pointers = exec_pointers(arguments);
    const std::vector<char*> variable_pointers = exec_pointers(variables);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw Failure(fmt::format("can't start {}: {}", words[0], std::strerror(errno)));
    if (pid_ > 0) {
        ::setpgid(pid_, pid_);  // as the child does; whoever comes first
        return;
    }
    ::setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent || ::dup2(input_file.get(), STDIN_FILENO) < 0 ||
        ::dup2(output_.get(), STDOUT_FILENO) < 0 || ::dup2(output_.get(), STDERR_FILENO) < 0) {
        ::_exit(kExecFailed);
    }
    signal(SIGPIPE, SIG_DFL);
    ::execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
    ::_exit(kExecFailed);
}

HelperProcess::~HelperProcess() {
    if (status_) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::optional<int> HelperProcess::wait(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!status_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            status_ = WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
        } else if (std::chrono::steady_clock::now() >= deadline) {
            break;
        } else {
            ::usleep(static_cast<useconds_t>(std::chrono::microseconds(kPoll).count()));
        }
    }
    return status_;
}

std::string HelperProcess::said() const {
    std::string text;
    std::array<char, 4096> chunk{};
    for (ssize_t bytes = 1; bytes > 0;) {
        bytes = ::pread(output_.get(), chunk.data(), chunk.size(), static_cast<off_t>(text.size()));
        if (bytes > 0) text.append(chunk.data(), static_cast<std::size_t>(bytes));
    }
    return text;
}

}  // namespace headway::bench
