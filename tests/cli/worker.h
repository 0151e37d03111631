// A process of its own with one lane on the host CPU: tests/support/lane_worker.cc.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace headway::test {

class Worker {
 public:
    struct Load {
        int pieces = 1;
        int piece_us = 100;
        int pause_us = 0;
    };

    // Starts it and returns once it has worked. Ends the test program if that fails.
    Worker(const std::string& name, int priority, Load load);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    Worker(Worker&&) = delete;
    Worker& operator=(Worker&&) = delete;

    // Ends it if it still runs.
    ~Worker();

    pid_t pid() const { return pid_; }

    // Asks it to end, waits, and returns its wait status.
    int finish();

    // Kills it with SIGKILL and waits.
    void kill();

 private:
    pid_t pid_ = -1;
    int input_ = -1;
};

}  // namespace headway::test
