// Highest priority first ("priority").
//
// A lane is held while any lane of higher priority is busy: while it runs a synchronous piece of
// work, or its busy lease (work launched, or linger after it) has not ended. Lanes of equal
// priority don't hold each other, unless the gate says that one has the shift. Work that is known
// to be long is held, too, if it would run into a request that a higher lane is expected to get.
// Strict, yet bounded: a lane that was held for max_hold_ns gets one window, then waits again.
//
// Works well where high lanes are idle for part of the time. Where a high lane is always busy,
// lower ones get one window per max_hold: a policy of shares serves better there.
#include "policy/policy.h"

#include <algorithm>

namespace headway::policy {

namespace {

// While a rival runs, nothing says when it will stop: look again after this long. Half of it is
// lost per request of the rival on average, and each look costs the rival's processor a few
// microseconds.
constexpr std::uint64_t kRunningRecheckNs = 500'000;

// An equal whose thread waits for the device: whoever has the shift wakes the others when it has
// had enough, so that looking is only for one that cannot any more.
constexpr std::uint64_t kShiftRecheckNs = 2'000'000;

// How far work may run into an expected request. Waiting for one leaves the device idle, so the
// more often they come, the further: 0.07 ms at 20 requests a second, 0.7 ms at 200. And as far as
// the rival has found that its requests make up for.
constexpr std::uint64_t kOverrun = 180'000 * std::uint64_t{20'000'000};  // ns x ns

// The part of a rival's period that its requests are taken to need. Where they need more, there is
// little room for others anyway.
constexpr std::uint64_t kRequestPart = 4;

// A client that sleeps until its next request wakes up late, never early, and now and then very
// late. Waiting for that costs nothing when it comes in time, for its coming ends the wait.
constexpr std::uint64_t kLateNs = 1'000'000;
constexpr std::uint64_t kLatePart = 8;  // of the period, at most

bool is_higher(std::int32_t self, std::int32_t other) noexcept {
    return other > self;
}

// When work that would run into the next request of a rival may go; 0: at once. What runs on a
// device that cannot be preempted must end about in time, or begin afterwards.
std::uint64_t expected_until_ns(const SelfView& self,
                                const LaneView& rival,
                                std::uint64_t now_ns) noexcept {
    if (self.run_ns == 0 || rival.expected_ns == 0) return 0;
    const std::uint64_t overrun_ns =
        std::max(kOverrun / std::max<std::uint64_t>(rival.period_ns, 1), rival.leeway_ns);
    // What is longer than that would never go.
    if (self.run_ns > rival.period_ns - rival.period_ns / kRequestPart) return 0;
    // Differences, because a stranger may have written any number.
    const std::uint64_t early_ns =
        rival.expected_ns - std::min(rival.expected_ns, rival.expected_slack_ns);
    const std::uint64_t patience_ns =
        std::max(rival.expected_slack_ns, std::min(kLateNs, rival.period_ns / kLatePart));
    const std::uint64_t late_ns =
        rival.expected_ns + std::min(patience_ns, UINT64_MAX - rival.expected_ns);
    if (now_ns >= late_ns) return 0;
    const std::uint64_t left_ns = early_ns - std::min(early_ns, now_ns);
    const bool ends_in_time = self.run_ns <= left_ns || self.run_ns - left_ns <= overrun_ns;
    return ends_in_time || self.after_request ? 0 : late_ns;
}

// Until when, at first, a lane of higher priority holds this one; 0: not at all.
std::uint64_t rival_until_ns(const SelfView& self,
                             const LaneView& rival,
                             std::uint64_t now_ns) noexcept {
    if (rival.running) return now_ns + kRunningRecheckNs;
    if (rival.busy_until_ns > now_ns) return rival.busy_until_ns;
    return expected_until_ns(self, rival, now_ns);
}

// The same of an equal. Lanes of lower priority hold nobody.
std::uint64_t equal_until_ns(const SelfView& self,
                             const LaneView& equal,
                             std::uint64_t now_ns) noexcept {
    if (equal.priority != self.priority || equal.shift_until_ns <= now_ns) return 0;
    const std::uint64_t busy_until_ns =
        equal.running ? now_ns + kShiftRecheckNs : equal.busy_until_ns;
    return busy_until_ns > now_ns ? std::min(busy_until_ns, equal.shift_until_ns) : 0;
}

Verdict decide_priority(const SelfView& self,
                        std::span<const LaneView> others,
                        std::uint64_t now_ns) noexcept {
    Verdict verdict;
    for (const LaneView& other : others) {
        const std::uint64_t until_ns = is_higher(self.priority, other.priority)
                                           ? rival_until_ns(self, other, now_ns)
                                           : equal_until_ns(self, other, now_ns);
        if (until_ns == 0) continue;
        if (verdict.decision == Decision::kRun || until_ns > verdict.recheck_ns) {
            verdict = {Decision::kHold, until_ns, other.slot};
        }
    }
    if (verdict.decision == Decision::kRun) return verdict;
    // A hold that began in the future is a caller's mistake or a stranger's: it has lasted no time.
    const std::uint64_t held_ns = now_ns - std::min(now_ns, self.hold_since_ns);
    if (held_ns >= self.max_hold_ns) {
        verdict.decision = Decision::kRunOverdue;
        return verdict;
    }
    verdict.recheck_ns = std::min(verdict.recheck_ns, now_ns + (self.max_hold_ns - held_ns));
    return verdict;
}

}  // namespace

const Policy kPriorityPolicy = {
    "priority",
    "highest priority first; lower lanes are held while a higher one is busy",
    is_higher,
    decide_priority,
};

}  // namespace headway::policy
