#include "bench/process/supervise.h"

#include "bench/failure.h"
#include "bench/process/child.h"
#include "bench/process/interrupt.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

namespace headway::bench {
namespace {

constexpr std::chrono::milliseconds kTick{250};

// Takes in one event of a child.
class Listener {
 public:
    explicit Listener(Progress& progress) : progress_(progress) {}

    void hear(const nlohmann::json& event) {
        const auto kind = event.at("event").get<std::string>();
        if (kind == "phase") {
            progress_.begin_phase(event.at("phase").get<std::string>(),
                                  event.at("seconds").get<double>());
        } else if (kind == "result") {
            report.result = event;
        } else if (kind == "out_of_memory") {
            report.end = ChildEnd::kOutOfMemory;
            report.message = event.at("message").get<std::string>();
        } else if (kind == "failure") {
            throw Failure(event.at("message").get<std::string>(),
                          static_cast<ExitCode>(event.at("code").get<int>()));
        }
    }

    ChildReport report;

 private:
    Progress& progress_;
};

// A child that sent neither a result nor a reason.
ChildReport judge_silent_end(const ChildProcess::Exit& exit) {
    if (exit.signal == SIGKILL) {
        // Nobody here sent it: that is how the kernel ends a process when memory is short.
        ChildReport report;
        report.end = ChildEnd::kOutOfMemory;
        report.message = "the kernel killed the scenario, as it does when memory runs out";
        return report;
    }
    if (exit.signal != 0) {
        throw Failure(fmt::format("a scenario crashed: {}", strsignal(exit.signal)));
    }
    throw Failure(fmt::format("a scenario ended with status {} and no result", exit.code));
}

}  // namespace

ChildReport supervise(const nlohmann::json& job, int cpus, Progress& progress) {
    ChildProcess child(job, cpus);
    Listener listener(progress);
    while (!child.ended()) {
        if (const auto event = child.next_event(kTick)) listener.hear(*event);
        if (interrupted()) {
            child.terminate();
            listener.report.end = ChildEnd::kInterrupted;
            return std::move(listener.report);
        }
        progress.tick();
    }
    while (const auto event = child.next_event(std::chrono::milliseconds(0)))
        listener.hear(*event);
    const ChildProcess::Exit exit = child.wait();
    if (listener.report.end == ChildEnd::kDone && listener.report.result.is_null()) {
        return judge_silent_end(exit);
    }
    return std::move(listener.report);
}

}  // namespace headway::bench
