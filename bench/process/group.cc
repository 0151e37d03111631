#include "bench/process/group.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/process/child.h"
#include "bench/process/interrupt.h"
#include "bench/process/memory.h"
#include "bench/process/own_lane.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <deque>
#include <utility>

namespace headway::bench {
namespace {

constexpr std::chrono::milliseconds kTick{250};

// From the word "start" to the first work, so that it has reached every child by then.
constexpr std::uint64_t kStartDelayNs = 50 * kNsPerMs;

struct Slot {
    Slot(const Member& member, int cpus)
        : label(member.label),
          child(member.job, cpus),
          is_program(member.job.contains("program")) {}

    std::string label;
    ChildProcess child;
    bool is_program;  // not this one
    nlohmann::json result;
    bool ready = false;
    bool measured = false;
    bool gone = false;
};

// The label, to begin a message with.
std::string prefix(const Slot& slot) {
    return slot.label.empty() ? "" : slot.label + ": ";
}

class Group {
 public:
    Group(const std::vector<Member>& members, int cpus, Progress& progress)
        : progress_(progress), oom_kills_before_(kernel_oom_kills()) {
        for (const Member& member : members)
            slots_.emplace_back(member, cpus);
    }

    GroupReport run();

 private:
    void wait_for_events();
    void hear_all(Slot& slot);
    void hear(Slot& slot, const nlohmann::json& event);
    void let_go(Slot& slot);
    void see_end(Slot& slot);
    bool kernel_was_short_of_memory() const;
    void tell_all_if(bool Slot::*flag, const nlohmann::json& command);
    void out_of_memory(const std::string& message);

    Progress& progress_;
    std::optional<std::uint64_t> oom_kills_before_;
    std::deque<Slot> slots_;  // its children die with it
    GroupReport report_;
};

void Group::out_of_memory(const std::string& message) {
    report_.end = ChildEnd::kOutOfMemory;
    report_.message = message;
}

// Once every member has set the flag.
void Group::tell_all_if(bool Slot::*flag, const nlohmann::json& command) {
    const auto has_flag = [flag](const Slot& slot) { return slot.*flag; };
    if (!std::all_of(slots_.begin(), slots_.end(), has_flag)) return;
    for (Slot& slot : slots_)
        slot.child.send(command);
}

// Another program knows nothing of its lane: the board is read while the lane is still on it.
void Group::let_go(Slot& slot) {
    slot.result["counters"] = lane_counters_of(slot.child.pid());
    slot.child.send({{"command", "leave"}});
}

void Group::hear(Slot& slot, const nlohmann::json& event) {
    const auto kind = event.at("event").get<std::string>();
    if (kind == "phase") {
        if (&slot != &slots_.front()) return;
        progress_.begin_phase(event.at("phase").get<std::string>(),
                              event.at("seconds").get<double>());
    } else if (kind == "ready") {
        slot.ready = true;
        tell_all_if(&Slot::ready, {{"command", "start"}, {"origin_ns", now_ns() + kStartDelayNs}});
    } else if (kind == "measured") {
        slot.measured = true;
        tell_all_if(&Slot::measured, {{"command", "end"}});
    } else if (kind == "result") {
        slot.result = event;
        if (slot.is_program) let_go(slot);
    } else if (kind == "out_of_memory") {
        out_of_memory(prefix(slot) + event.at("message").get<std::string>());
    } else if (kind == "failure") {
        throw Failure(prefix(slot) + event.at("message").get<std::string>(),
                      static_cast<ExitCode>(event.at("code").get<int>()));
    }
}

bool Group::kernel_was_short_of_memory() const {
    // Where the kernel doesn't count, a SIGKILL that nobody here has sent most likely is its own.
    return !oom_kills_before_ || kernel_oom_kills() != oom_kills_before_;
}

void Group::see_end(Slot& slot) {
    slot.gone = true;
    const ChildProcess::Exit exit = slot.child.wait();
    if (!slot.result.is_null() || report_.end != ChildEnd::kDone) return;
    const std::string who = prefix(slot) + "a scenario";
    if (exit.signal == SIGKILL && kernel_was_short_of_memory()) {
        out_of_memory(prefix(slot) +
                      "the kernel killed the scenario, as it does when memory runs out");
    } else if (exit.signal == SIGKILL) {
        throw Failure(who + " was killed by somebody (SIGKILL)");
    } else if (exit.signal != 0) {
        throw Failure(fmt::format("{} crashed: {}", who, strsignal(exit.signal)));
    } else {
        throw Failure(fmt::format("{} ended with status {} and no result", who, exit.code));
    }
}

void Group::hear_all(Slot& slot) {
    while (const auto event = slot.child.next_event(std::chrono::milliseconds(0)))
        hear(slot, *event);
    if (slot.child.ended()) see_end(slot);
}

// Until a child has something to say, a signal arrives, or it is time to show the time.
void Group::wait_for_events() {
    std::vector<pollfd> wanted;
    for (const Slot& slot : slots_) {
        if (!slot.gone) wanted.push_back({slot.child.events_fd(), POLLIN, 0});
    }
    ::poll(wanted.data(), wanted.size(), static_cast<int>(kTick.count()));
}

GroupReport Group::run() {
    const auto is_gone = [](const Slot& slot) { return slot.gone; };
    while (report_.end == ChildEnd::kDone && !std::all_of(slots_.begin(), slots_.end(), is_gone)) {
        wait_for_events();
        for (Slot& slot : slots_) {
            if (!slot.gone) hear_all(slot);
        }
        if (interrupted()) report_.end = ChildEnd::kInterrupted;
        progress_.tick();
    }
    if (report_.end == ChildEnd::kDone) {
        for (Slot& slot : slots_)
            report_.results.push_back(std::move(slot.result));
    }
    return std::move(report_);
}

}  // namespace

GroupReport supervise_group(const std::vector<Member>& members, int cpus, Progress& progress) {
    return Group(members, cpus, progress).run();
}

}  // namespace headway::bench
