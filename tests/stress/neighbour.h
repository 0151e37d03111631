// A process beside the test: forked, so that it can be killed and stopped at will.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

namespace headway::test {

// Killed and waited for at the end of the scope. The body gets an object by which it tells the test
// that it has got somewhere; it must not return.
class Neighbour {
 public:
    class Told {
     public:
        explicit Told(int fd) : fd_(fd) {}

        void say() const { [[maybe_unused]] const ssize_t written = ::write(fd_, "x", 1); }

     private:
        int fd_;
    };

    template <typename Body>
    explicit Neighbour(const Body& body) {
        if (::pipe(pipe_) != 0) ::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(pipe_[0]);
            ::fcntl(pipe_[1], F_SETFD, 0);
            body(Told(pipe_[1]));
            ::_exit(0);
        }
        ::close(pipe_[1]);
    }

    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;
    Neighbour(Neighbour&&) = delete;
    Neighbour& operator=(Neighbour&&) = delete;

    ~Neighbour() {
        kill();
        ::close(pipe_[0]);
    }

    pid_t pid() const { return pid_; }

    // Waits until the neighbour has said something; false if it ended without.
    bool hear() const {
        char byte = 0;
        return ::read(pipe_[0], &byte, 1) == 1;
    }

    void signal(int number) const { ::kill(pid_, number); }

    // Ends it with SIGKILL. Idempotent.
    void kill() {
        if (ended_) return;
        ::kill(pid_, SIGKILL);
        wait();
    }

    // Waits for its own end. The exit status, or 128 + the signal that killed it.
    int wait() {
        int status = 0;
        if (!ended_) ::waitpid(pid_, &status, 0);
        ended_ = true;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

 private:
    int pipe_[2] = {-1, -1};
    pid_t pid_ = 0;
    bool ended_ = false;
};

}  // namespace headway::test
