// A fresh process of this same program for one piece of work: nothing that one scenario did to the
// allocator, the thread pools or the GPU reaches the next.
#pragma once

#include "base/unique_fd.h"

#include <chrono>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The hidden subcommand that makes this program such a child.
inline constexpr const char* kChildCommand = "child";

// The name of the memory file that holds a child's job.
inline constexpr const char* kJobName = "headway-bench-job";

// In the parent. Not thread-safe. The child dies with its parent.
class ChildProcess {
 public:
    // Starts this program's kChildCommand with `job` on its standard input, pinned to the last
    // `cpus` CPUs that this process may use (0: not pinned). The job's field "preload" names a
    // library to preload; "environment" holds variables for the child, by name: text, or null for
    // one that it must not have; "wrapper" is the words of a command that starts the child, which
    // come before the child's own: the path of a program first. It must leave the descriptors 0, 3
    // and 4 as they are, and become the child or wait for it. "program", a list of words, is
    // another program to start instead, found in PATH, which gets the job and the pipes in the same
    // way. Throws Failure.
    ChildProcess(const nlohmann::json& job, int cpus);
    // Ends a child that is still running, at once, and whatever its wrapper has left running.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Waits up to `timeout` for the child's next event; nothing if none came or a signal arrived.
    std::optional<nlohmann::json> next_event(std::chrono::milliseconds timeout);

    // The process's id, also after its end.
    int pid() const noexcept { return pid_; }

    // To poll for events together with those of other children.
    int events_fd() const noexcept { return events_.get(); }

    // Sends a command (bench/process/events.h). A child that is gone hears nothing.
    void send(const nlohmann::json& command) noexcept;

    // The child has closed its end, or ended, and every event was read.
    bool ended() const noexcept { return ended_; }

    // After ended(): waits for the process and returns how it ended. A wrapper that is still there
    // after 5 s is killed.
    struct Exit {
        int code = 0;    // exit status, if signal is 0
        int signal = 0;  // that ended it, or 0
    };

    Exit wait();

 private:
    std::optional<nlohmann::json> take_line();
    bool has_exited() const noexcept;
    void end_wrapper() const noexcept;

    int pid_ = -1;
    bool group_ = false;  // has a process group of its own
    UniqueFd events_;
    UniqueFd commands_;
    std::string buffer_;
    bool ended_ = false;
};

// How many CPUs this process may use.
int usable_cpus();

}  // namespace headway::bench
