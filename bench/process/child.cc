#include "bench/process/child.h"

#include "bench/failure.h"
#include "bench/process/environment.h"
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
#include <filesystem>
#include <system_error>
#include <utility>
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
// A value that the user has set stays. On top of it what the job asks for; its library is preloaded
// ahead of what the user preloads.
std::vector<std::string> child_environment(const nlohmann::json& job) {
    const auto changes = job.find("environment");
    Variables variables = changed_environment(changes == job.end() ? nlohmann::json() : *changes);
    variables.try_emplace("OPENBLAS_NUM_THREADS", "1");
    if (const std::string preload = job.value("preload", ""); !preload.empty()) {
        std::string& all = variables["LD_PRELOAD"];
        all = all.empty() ? preload : preload + ":" + all;
    }
    return entries_of(variables);
}

// The child's ends of the two pipes.
struct PipeEnds {
    int events;
    int commands;
};

// What a child becomes: strings that it can use without allocating, ready before the fork.
class Image {
 public:
    explicit Image(const nlohmann::json& job) : environment_(child_environment(job)) {
        words_ = {"headway-bench", kChildCommand};
        file_ = kSelf;
        if (job.contains("program")) {
            words_ = job.at("program").get<std::vector<std::string>>();
            file_ = words_.at(0);
        } else if (job.contains("wrapper")) {
            words_ = job.at("wrapper").get<std::vector<std::string>>();
            file_ = words_.at(0);
            words_.insert(words_.end(), {own_path(), kChildCommand});
        }
        const nlohmann::json event = {
            {"event", "failure"},
            {"message", fmt::format("can't run {}: no such program, or it may not be run", file_)},
            {"code", static_cast<int>(kExitBadArguments)}};
        failure_ = event.dump() + '\n';
        arguments_ = pointers_to(words_);
        variables_ = pointers_to(environment_);
    }

    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    ~Image() = default;

    // Never returns: where the program can't be started, the parent hears so.
    [[noreturn]] void become() const {
        ::execvpe(file_.c_str(), arguments_.data(), variables_.data());
        if (::write(kEventsFd, failure_.data(), failure_.size()) < 0) ::_exit(kExecFailed);
        ::_exit(kExecFailed);
    }

 private:
    static constexpr const char* kSelf = "/proc/self/exe";

    // For a wrapper, which needs a path of this program that is not its own.
    static std::string own_path() {
        std::error_code error;
        const auto path = std::filesystem::read_symlink(kSelf, error);
        if (error) throw Failure("can't start a scenario: this program's own path is unknown");
        return path.string();
    }

    static std::vector<char*> pointers_to(std::vector<std::string>& texts) {
        std::vector<char*> pointers;
        pointers.reserve(texts.size() + 1);
        for (std::string& text : texts)
            pointers.push_back(text.data());
        pointers.push_back(nullptr);
        return pointers;
    }

    std::vector<std::string> environment_;
    std::vector<std::string> words_;
    std::string file_;
    std::string failure_;
    std::vector<char*> arguments_;
    std::vector<char*> variables_;
};

// What happens between fork and exec: system calls only. Never returns.
[[noreturn]] void become_child(
    int job_fd, PipeEnds pipes, const cpu_set_t* cpus, pid_t parent, const Image& image) {
    // Out of the way of the numbers that they have to get, which they may have already.
    constexpr int kFreeFd = kCommandsFd + 1;
    const int events_fd = ::fcntl(pipes.events, F_DUPFD_CLOEXEC, kFreeFd);
    const int commands_fd = ::fcntl(pipes.commands, F_DUPFD_CLOEXEC, kFreeFd);
    if (::dup2(job_fd, STDIN_FILENO) < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
        ::dup2(events_fd, kEventsFd) < 0 || ::dup2(commands_fd, kCommandsFd) < 0) {
        ::_exit(kExecFailed);
    }
    if (cpus != nullptr) sched_setaffinity(0, sizeof *cpus, cpus);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kExecFailed);  // it died before that
    // Ctrl-C goes to the whole foreground group; the parent decides what it means.
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    image.become();
}

// (read end, write end)
std::pair<UniqueFd, UniqueFd> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

ChildProcess::ChildProcess(const nlohmann::json& job, int cpus) {
    const UniqueFd job_file = file_with(job.dump());
    auto [events_read, events_write] = make_pipe();
    auto [commands_read, commands_write] = make_pipe();
    events_ = std::move(events_read);
    commands_ = std::move(commands_write);
    const Image image(job);
    group_ = job.contains("wrapper");
    const cpu_set_t pinned = last_cpus(cpus);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) {
        if (group_) ::setpgid(0, 0);
        become_child(job_file.get(),
                     {events_write.get(), commands_read.get()},
                     cpus > 0 ? &pinned : nullptr,
                     parent,
                     image);
    }
    if (group_)
        ::setpgid(pid_, pid_);  // whoever comes first; after the exec it is no more than late
}

ChildProcess::~ChildProcess() {
    if (pid_ <= 0) return;
    // Of a child that has ended there is still its number, which nobody else can have got.
    ::kill(group_ ? -pid_ : pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void ChildProcess::send(const nlohmann::json& command) noexcept {
    // A line is far shorter than what a pipe takes at once. SIGPIPE is ignored by the parent
    // (catch_interrupts).
    const std::string line = command.dump() + '\n';
    while (::write(commands_.get(), line.data(), line.size()) < 0 && errno == EINTR) {
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
    // What a wrapper has left running may hold the pipe open. Looked at before the pipe: what comes
    // out of it after that is all that there is.
    const bool exited = has_exited();
    pollfd wanted{events_.get(), POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(timeout.count()));
    if (ready <= 0) {
        ended_ = ready == 0 && exited;
        return std::nullopt;
    }
    std::array<char, 65'536> chunk{};
    const ssize_t bytes = ::read(events_.get(), chunk.data(), chunk.size());
    if (bytes > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(bytes));
    if (bytes == 0) ended_ = true;
    return take_line();
}

bool ChildProcess::has_exited() const noexcept {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
}

void ChildProcess::end_wrapper() const noexcept {
    constexpr int kAttempts = 100;
    constexpr useconds_t kPauseUs = 50'000;
    for (int i = 0; i < kAttempts && !has_exited(); ++i)
        ::usleep(kPauseUs);
    if (!has_exited()) ::kill(-pid_, SIGKILL);
}

ChildProcess::Exit ChildProcess::wait() {
    if (group_) end_wrapper();
    siginfo_t info{};
    // Its number stays its own until the destructor.
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0) {
        if (errno != EINTR) fail("waitid");
    }
    Exit exit;
    if (info.si_code == CLD_EXITED) {
        exit.code = info.si_status;
    } else {
        exit.signal = info.si_status;
    }
    return exit;
}

int usable_cpus() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    return CPU_COUNT(&allowed);
}

}  // namespace headway::bench
