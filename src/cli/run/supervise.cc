#include "cli/run/supervise.h"

#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

namespace headway::cli {
namespace {

// A line without an end is printed in pieces of this size.
constexpr std::size_t kLineBytesMax = 65'536;
// No pipe holds more (fs.pipe-max-size): after so much, what a program wrote before its end has
// come.
constexpr std::size_t kTurnBytesMax = 1'048'576;

// One output of a program: its lines go to `target` with the program's name in front.
class Output {
 public:
    Output(UniqueFd fd, std::string prefix, std::FILE* target)
        : fd_(std::move(fd)), prefix_(std::move(prefix)), target_(target) {}

    int fd() const { return fd_.get(); }

    bool open() const { return fd_.valid(); }

    // Whether so much was read in one turn that others should have theirs.
    bool full() const { return turn_bytes_ >= kTurnBytesMax; }

    void start_turn() { turn_bytes_ = 0; }

    // Reads what is there. At the end of the stream the rest without a line end is printed too.
    void read_some() {
        std::array<char, 4096> buffer;
        const ssize_t bytes = ::read(fd_.get(), buffer.data(), buffer.size());
        if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (bytes <= 0) {
            if (!rest_.empty()) print_line(rest_);
            rest_.clear();
            fd_ = UniqueFd();
            return;
        }
        rest_.append(buffer.data(), static_cast<std::size_t>(bytes));
        turn_bytes_ += static_cast<std::size_t>(bytes);
        std::size_t begin = 0;
        for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            print_line(std::string_view(rest_).substr(begin, end - begin));
        }
        rest_.erase(0, begin);
        if (rest_.size() >= kLineBytesMax) {
            print_line(rest_);
            rest_.clear();
        }
    }

 private:
    // A reader that went away is no reason to stop the programs.
    void print_line(std::string_view line) {
        fmt::print(target_, "{}{}\n", prefix_, line);
        std::fflush(target_);
    }

    UniqueFd fd_;
    std::string prefix_;
    std::FILE* target_;
    std::string rest_;
    std::size_t turn_bytes_ = 0;
};

class Supervisor {
 public:
    bool start(const Program& program, std::size_t width, const Shims& shims);
    bool watch_signals();
    int wait();

 private:
    struct Child {
        std::string name;
        pid_t pid;
        bool running;
    };

    [[noreturn]] void become_child(const Program& program, const Shims& shims, int out, int err);
    void take_signal();
    void reap();
    void drain();
    void finish(Child& child, int status);
    bool running() const;

    sigset_t old_mask_{};
    UniqueFd signals_;
    std::vector<Child> children_;
    std::vector<Output> outputs_;
    int signal_count_ = 0;
    int status_ = 0;
};

bool Supervisor::watch_signals() {
    sigset_t mask;
    sigemptyset(&mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        sigaddset(&mask, signal);
    }
    if (::sigprocmask(SIG_BLOCK, &mask, &old_mask_) != 0) return false;
    signals_ = UniqueFd(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
    return signals_.valid();
}

void Supervisor::become_child(const Program& program, const Shims& shims, int out, int err) {
    // Its own group: a Ctrl-C of the terminal comes once, from this process. If that dies, so does
    // the program.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
    ::_exit(become(program, shims));
}

bool Supervisor::start(const Program& program, std::size_t width, const Shims& shims) {
    int out[2];
    int err[2];
    if (::pipe2(out, O_CLOEXEC) != 0) return false;
    UniqueFd out_read(out[0]);
    const UniqueFd out_write(out[1]);
    if (::pipe2(err, O_CLOEXEC) != 0) return false;
    UniqueFd err_read(err[0]);
    const UniqueFd err_write(err[1]);
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return false;
    if (pid == 0) become_child(program, shims, out_write.get(), err_write.get());
    ::setpgid(pid, pid);  // here too: the signal to the group may come before the child runs
    children_.push_back({program.name, pid, true});
    const std::string prefix =
        fmt::format("[{}]{:{}} ", program.name, "", width - program.name.size());
    outputs_.emplace_back(std::move(out_read), prefix, stdout);
    outputs_.emplace_back(std::move(err_read), prefix, stderr);
    return true;
}

bool Supervisor::running() const {
    return std::any_of(
        children_.begin(), children_.end(), [](const Child& child) { return child.running; });
}

void Supervisor::take_signal() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
        const int signal = static_cast<int>(info.ssi_signo);
        if (signal == SIGCHLD) continue;
        ++signal_count_;
        for (const Child& child : children_) {
            if (child.running) ::kill(-child.pid, signal_count_ == 1 ? signal : SIGKILL);
        }
    }
    reap();
}

// Prints what has been written up to now.
void Supervisor::drain() {
    for (Output& output : outputs_) {
        output.start_turn();
        pollfd rest = {output.fd(), POLLIN, 0};
        while (output.open() && ::poll(&rest, 1, 0) == 1 && !output.full()) {
            output.read_some();
        }
    }
}

void Supervisor::finish(Child& child, int status) {
    child.running = false;
    drain();  // its last lines come before the one about its end
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (code == 0) return;
    if (WIFSIGNALED(status)) {
        complain("run",
                 fmt::format("{} was ended by {}", child.name, ::strsignal(WTERMSIG(status))));
    } else {
        complain("run", fmt::format("{} ended with status {}", child.name, code));
    }
    if (status_ == 0) status_ = code;
}

void Supervisor::reap() {
    for (Child& child : children_) {
        int status = 0;
        if (child.running && ::waitpid(child.pid, &status, WNOHANG) == child.pid) {
            finish(child, status);
        }
    }
}

int Supervisor::wait() {
    const auto open = [](const Output& output) { return output.open(); };
    reap();
    // The outputs may stay open longer than the programs, in what those left running.
    while (running()) {
        std::vector<pollfd> polled = {{signals_.get(), POLLIN, 0}};
        for (const Output& output : outputs_) {
            polled.push_back({output.fd(), POLLIN, 0});  // poll() passes over -1
        }
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            if (open(outputs_[i]) && polled[i + 1].revents != 0) outputs_[i].read_some();
        }
        if (polled[0].revents != 0) take_signal();
    }
    drain();
    return status_;
}

}  // namespace

int supervise(const std::vector<Program>& programs, const Shims& shims) {
    std::size_t width = 0;
    for (const Program& program : programs) {
        width = std::max(width, program.name.size());
    }
    Supervisor supervisor;
    bool started = supervisor.watch_signals();
    for (const Program& program : programs) {
        started = started && supervisor.start(program, width, shims);
    }
    if (!started) {
        complain("run", fmt::format("can't start a program: {}", ::strerrordesc_np(errno)));
    }
    const int status = supervisor.wait();
    return started ? status : kExitFailed;
}

}  // namespace headway::cli
