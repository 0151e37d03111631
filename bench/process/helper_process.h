// A program that the benchmark needs beside it, such as a daemon: started, given time, ended.
#pragma once

#include "base/unique_fd.h"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// Used by one thread at a time. In a process group of its own, so that Ctrl-C does not reach it.
class HelperProcess {
 public:
    // Starts `words`, the path of a program first, with `input` on its standard input. Of this
    // process's variables it gets those that `environment` doesn't name; a text there is a value,
    // null is none. Gets SIGTERM if this process dies. Throws Failure.
    HelperProcess(const std::vector<std::string>& words,
                  const nlohmann::json& environment,
                  const std::string& input);
    // Kills it and what it has started in its group, unless it has ended.
    ~HelperProcess();
    HelperProcess(const HelperProcess&) = delete;
    HelperProcess& operator=(const HelperProcess&) = delete;

    // Waits for its end, for at most `timeout`; nothing if it is still there. The exit status, or
    // 128 + the signal that ended it.
    std::optional<int> wait(std::chrono::milliseconds timeout);

    // What it has said so far, on both outputs.
    std::string said() const;

 private:
    UniqueFd output_;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

}  // namespace headway::bench
