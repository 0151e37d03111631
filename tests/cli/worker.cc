#include "tests/cli/worker.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace headway::test {
namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::abort();
}

}  // namespace

Worker::Worker(const std::string& name, int priority, Load load) {
    int input[2];
    int output[2];
    if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) die("pipe2");
    const std::string numbers[] = {std::to_string(priority),
                                   std::to_string(load.pieces),
                                   std::to_string(load.piece_us),
                                   std::to_string(load.pause_us)};
    pid_ = ::fork();
    if (pid_ < 0) die("fork");
    if (pid_ == 0) {
        ::dup2(input[0], STDIN_FILENO);
        ::dup2(output[1], STDOUT_FILENO);
        ::execl(HEADWAY_LANE_WORKER_PATH,
                HEADWAY_LANE_WORKER_PATH,
                name.c_str(),
                numbers[0].c_str(),
                numbers[1].c_str(),
                numbers[2].c_str(),
                numbers[3].c_str(),
                nullptr);
        die("exec lane_worker");
    }
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    char byte = 0;
    if (::read(output[0], &byte, 1) != 1) die("lane_worker did not start");
    ::close(output[0]);
}

Worker::~Worker() {
    if (pid_ > 0) finish();
}

int Worker::finish() {
    ::close(input_);
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
}

void Worker::kill() {
    ::kill(pid_, SIGKILL);
    finish();
}

}  // namespace headway::test
