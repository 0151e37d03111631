#include "bench/process/child_main.h"

#include "bench/failure.h"
#include "bench/process/child.h"
#include "bench/process/events.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <string_view>

namespace headway::bench {
namespace {

// Standard input is the job that a parent of this program has prepared: then descriptor kEventsFd
// is its pipe, and not something that a shell or a test driver has left open.
bool started_by_parent() {
    std::array<char, 64> target{};
    const ssize_t bytes = ::readlink("/proc/self/fd/0", target.data(), target.size() - 1);
    return bytes > 0 && std::string_view(target.data()).find(kJobName) != std::string_view::npos;
}

}  // namespace

int child_main(const TaskTable& tasks) {
    if (!started_by_parent()) {
        std::fputs("headway-bench: child is an internal command; see headway-bench --help\n",
                   stderr);
        return kExitBadArguments;
    }
    try {
        const nlohmann::json job = nlohmann::json::parse(std::cin);
        const auto task = tasks.find(job.at("task").get<std::string>());
        if (task == tasks.end()) throw Failure("a child was asked for a task that doesn't exist");
        task->second(job);
    } catch (...) {
        report_caught_and_exit();
    }
    return kExitDone;
}

}  // namespace headway::bench
