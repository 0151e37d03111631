// A policy decides, per lane, to run or to hold. It is pure: it sees a snapshot of the board and a
// time, owns no state, reads no clock, and does no input or output. One file per policy;
// policies.cc lists them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headway::policy {

// One lane as the policy sees it. Copied from the board; any value may occur in any field.
struct LaneView {
    std::uint32_t slot = 0;
    std::int32_t priority = 0;
    bool running = false;             // inside a synchronous piece of work right now
    std::uint64_t busy_until_ns = 0;  // busy at least until then, unless it says otherwise earlier
    std::uint64_t expected_ns = 0;    // when it should turn busy next; 0: cannot be told
    std::uint64_t expected_slack_ns = 0;  // how far off that may be
    std::uint64_t period_ns = 0;          // from one expected time to the next
    std::uint64_t leeway_ns = 0;          // how much later the device may begin with what comes
    // Of an equal: until when at most the device is left to it, as long as it is busy, because
    // processes use it in shifts. 0: not at all.
    std::uint64_t shift_until_ns = 0;
};

// Work shorter than this is not worth an idle device: it is never held for a rival that is only
// expected.
inline constexpr std::uint64_t kLongRunNs = 300'000;

// The lane that asks.
struct SelfView {
    std::uint32_t slot = 0;
    std::int32_t priority = 0;
    std::uint64_t hold_since_ns = 0;  // when the present hold began; equal to now if it has not
    std::uint64_t max_hold_ns = 0;
    // How long the device would be kept from everybody else, by this launch and what it follows;
    // 0: not long, or unknown.
    std::uint64_t run_ns = 0;
    // Held for a busy rival until now: what does not fit before the next request now never will.
    bool after_request = false;
};

enum class Decision : std::uint8_t {
    kRun,
    kHold,
    kRunOverdue,  // held for max_hold_ns: one window is let through
};

struct Verdict {
    static constexpr std::uint32_t kNobody = UINT32_MAX;

    Decision decision = Decision::kRun;
    // With kHold: the answer cannot change before this time, unless a lane on the board changes.
    std::uint64_t recheck_ns = 0;
    // With kHold and kRunOverdue: the slot of the lane that is waited for.
    std::uint32_t blocker = kNobody;
};

struct Policy {
    const char* name;
    const char* summary;  // one line, for --help

    // Whether work of `other` can ever hold a lane of priority `self`. Asked when membership
    // changes; a lane without rivals is never held, and one that is nobody's rival need not say
    // that it is busy.
    bool (*is_rival)(std::int32_t self, std::int32_t other) noexcept;

    // Asked before a launch while a rival may be busy, while one is expected and the launch is
    // long, or while an equal has the shift. `others` holds only those. Constant time per lane.
    Verdict (*decide)(const SelfView& self,
                      std::span<const LaneView> others,
                      std::uint64_t now_ns) noexcept;
};

// Highest priority first: a lane is held while any lane of higher priority is busy.
extern const Policy kPriorityPolicy;

// The policy of that name, or null. "priority" is the default.
const Policy* find_policy(const char* name) noexcept;

// All policies, for help texts.
std::span<const Policy* const> all_policies() noexcept;

}  // namespace headway::policy
