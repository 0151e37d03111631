#include "cli/doctor/probe.h"

#include "base/clock.h"
#include "base/unique_fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headway::doctor {
namespace {

constexpr std::size_t kReplyBytesMax = 64 << 10;

[[noreturn]] void answer(std::string (*probe)(), int reply_fd) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        ::dup2(null, STDOUT_FILENO);
        ::dup2(null, STDERR_FILENO);
    }
    const std::string text = probe() + "\n";
    const ssize_t written = ::write(reply_fd, text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

// Reads until the child closes its end; false if the time is up first.
bool read_reply(int fd, std::uint64_t deadline_ns, std::string& text) {
    char buffer[4096];
    while (text.size() < kReplyBytesMax) {
        const std::uint64_t now = now_ns();
        pollfd waiting{fd, POLLIN, 0};
        if (now >= deadline_ns) return false;
        const int ready = ::poll(&waiting, 1, static_cast<int>((deadline_ns - now) / kNsPerMs) + 1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return true;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return true;
}

std::string fate(int status) {
    if (WIFSIGNALED(status)) return fmt::format("it crashed (signal {})", WTERMSIG(status));
    return fmt::format("it ended the process with status {}", WEXITSTATUS(status));
}

}  // namespace

ProbeReply run_probe(std::string (*probe)(), int seconds) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {false, ::strerrordesc_np(errno)};
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return {false, ::strerrordesc_np(errno)};
    if (child == 0) answer(probe, write_end.get());
    write_end = UniqueFd();
    ProbeReply reply;
    const auto wait_ns = static_cast<std::uint64_t>(seconds) * kNsPerS;
    const bool in_time = read_reply(read_end.get(), now_ns() + wait_ns, reply.text);
    if (!in_time) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    reply.finished = in_time && !reply.text.empty();
    if (reply.finished) {
        reply.text.erase(reply.text.find_last_not_of('\n') + 1);
    } else {
        reply.text = in_time ? fate(status) : fmt::format("no answer in {} s", seconds);
    }
    return reply;
}

}  // namespace headway::doctor
