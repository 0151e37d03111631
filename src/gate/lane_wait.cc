// The two waits of a lane: for rivals, and for its own window. Both are loops around a bounded
// sleep, and both end by a deadline whatever the other processes do.
#include "base/clock.h"
#include "gate/lane.h"

#include <algorithm>
#include <array>
#include <bit>

namespace headway::gate {

namespace {

// A held thread looks at least this often whether the lane that it waits for still lives.
constexpr std::uint64_t kLivenessIntervalNs = 20 * kNsPerMs;

}  // namespace

// One hold, from its first look to its end.
struct Lane::Wait {
    std::uint64_t since_ns;
    std::uint64_t liveness_ns;  // when the blocker was last known to live
};

policy::Verdict Lane::ask_policy(std::uint64_t rivals,
                                 const Wait& wait,
                                 std::uint64_t now_ns) noexcept {
    std::array<policy::LaneView, board::kLaneCountMax> views;
    std::size_t count = 0;
    for (std::uint64_t rest = rivals; rest != 0; rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        const board::LaneSlot& other = board_.slot(index);
        // `running` before `busy_until_ns`: at the end of its work the rival writes them in the
        // reverse order, so that it never looks idle in between. Acquire pairs with its release.
        views[count].running = other.running.load(std::memory_order_acquire) != 0;
        views[count].busy_until_ns = other.busy_until_ns.load(std::memory_order_relaxed);
        views[count].priority = other.priority.load(std::memory_order_relaxed);
        views[count].slot = index;
        ++count;
    }
    const policy::SelfView self = {slot_index_.load(std::memory_order_relaxed),
                                   priority_.load(std::memory_order_relaxed),
                                   wait.since_ns,
                                   options_.max_hold_ms * kNsPerMs};
    return policy_->decide(self, std::span(views.data(), count), now_ns);
}

void Lane::sleep_held(const policy::Verdict& verdict,
                      std::uint32_t wake_seen,
                      std::uint64_t now_ns) noexcept {
    const std::uint64_t deadline =
        std::clamp(verdict.recheck_ns, now_ns + kNsPerUs, now_ns + kLivenessIntervalNs);
    platform_.wait_word(board_.header().wake_count, wake_seen, deadline);
}

void Lane::wait_for_rivals(std::uint64_t* now_ns) noexcept {
    board::BoardHeader& header = board_.header();
    std::uint64_t busy =
        header.busy.load(std::memory_order_acquire) & rivals_.load(std::memory_order_relaxed);
    if (busy == 0) return;
    if (overdue_grant_.load(std::memory_order_relaxed) != 0) {  // the rest of a window let through
        overdue_grant_.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    Wait wait{*now_ns, *now_ns};
    bool held = false;
    for (;;) {
        // Order: take the wake count, announce the waiter, then look. See idle().
        const std::uint32_t wake_seen = header.wake_count.load(std::memory_order_acquire);
        if (held) header.waiter_count.store(1, std::memory_order_seq_cst);
        busy =
            header.busy.load(std::memory_order_seq_cst) & rivals_.load(std::memory_order_relaxed);
        const policy::Verdict verdict = ask_policy(busy, wait, *now_ns);
        if (verdict.decision == policy::Decision::kRunOverdue) {
            slot().hold_timeouts.fetch_add(1, std::memory_order_relaxed);
            overdue_grant_.store(options_.threshold - 1, std::memory_order_relaxed);
        }
        if (verdict.decision != policy::Decision::kHold) break;
        if (!held) {
            held = true;
            slot().held.fetch_add(1, std::memory_order_relaxed);
            slot().held_since_ns.store(wait.since_ns, std::memory_order_relaxed);
            flush_markers();
            continue;  // look once more, now announced
        }
        sleep_held(verdict, wake_seen, *now_ns);
        *now_ns = platform_.now_ns();
        if (*now_ns - wait.liveness_ns >= kLivenessIntervalNs) {
            wait.liveness_ns = *now_ns;
            board_.reap();
        }
        refresh_membership();
        if (state_.load(std::memory_order_acquire) != State::kAttached) break;
    }
    if (!held) return;
    slot().held_since_ns.store(0, std::memory_order_relaxed);
    slot().hold_ns.fetch_add(*now_ns - wait.since_ns, std::memory_order_relaxed);
}

// The caller holds the lock.
void Lane::poll_window(std::uint64_t now_ns) noexcept {
    // Acquire; pairs with the release in mark_busy().
    const std::uint64_t turns = board_.header().turn_count.load(std::memory_order_acquire);
    window_.poll(slot().progress, now_ns, turns);
}

// Charges the launch to the window if it is admitted; otherwise says when to look again.
bool Lane::try_reserve(const Launch& launch,
                       Pass* pass,
                       std::uint64_t now_ns,
                       std::uint64_t* recheck_ns) noexcept {
    Window::Marker marker;
    {
        const BoundedGuard guard(lock_);
        if (!guard.owns()) return true;  // not charged, but let through: a guest does not insist
        poll_window(now_ns);
        const bool admitted = window_.admits(launch, now_ns);
        const bool unknown = window_.charge(launch).unknown;
        if (admitted && !unknown) {
            pass->charge_ = window_.reserve(launch);
            pass->charged_ = true;
            return true;
        }
        // Work without a marker would never be seen to end; and the start of an unknown kernel,
        // hence its cost, is known only if the end of what came before it is.
        if (unknown || window_.blind()) marker = window_.flush();
        if (admitted && !marker.needed) {
            pass->charge_ = window_.reserve(launch);
            pass->charged_ = true;
            return true;
        }
        *recheck_ns = marker.needed ? now_ns : window_.recheck_ns(now_ns);
    }
    put_marker(marker);
    return false;
}

void Lane::reserve_window(const Launch& launch, Pass* pass, std::uint64_t* now_ns) noexcept {
    const std::uint64_t since_ns = *now_ns;
    const std::uint64_t deadline_ns = since_ns + options_.max_hold_ms * kNsPerMs;
    std::uint64_t recheck_ns = 0;
    while (!try_reserve(launch, pass, *now_ns, &recheck_ns)) {
        if (*now_ns >= deadline_ns) {
            // The device has not passed a marker for a whole max_hold: forget the window, and go
            // on.
            slot().hold_timeouts.fetch_add(1, std::memory_order_relaxed);
            const BoundedGuard guard(lock_);
            if (guard.owns()) window_.reset();
            break;
        }
        platform_.pause_until(std::min(recheck_ns, deadline_ns));
        *now_ns = platform_.now_ns();
    }
    if (*now_ns != since_ns) {
        slot().window_ns.fetch_add(*now_ns - since_ns, std::memory_order_relaxed);
    }
}

// Covers what is on the device before a hold: its end would otherwise be seen only after the hold,
// and the hold be taken for its cost.
void Lane::flush_markers() noexcept {
    if (markers_.load(std::memory_order_acquire) != Markers::kWork) return;
    for (std::uint32_t track = 0; track < board::kTrackCountMax; ++track) {
        Window::Marker marker;
        {
            const BoundedGuard guard(lock_);
            if (guard.owns()) marker = window_.flush();
        }
        if (!marker.needed) return;
        put_marker(marker);
    }
}

void Lane::put_marker(const Window::Marker& marker) noexcept {
    if (!marker.needed) return;
    if (device_.write_marker(marker.stream, &slot().progress[marker.track], marker.value)) {
        slot().markers.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const BoundedGuard guard(lock_);
    if (guard.owns()) window_.refused(marker);
}

}  // namespace headway::gate
