// The two waits of a lane: for rivals, and for its own window. Both are loops around a bounded
// sleep, and both end by a deadline whatever the other processes do.
#include "base/clock.h"
#include "base/no_cancel.h"
#include "base/process.h"
#include "base/say.h"
#include "board/awaited.h"
#include "gate/lane_hold.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace headway::gate {

namespace {

// A held thread looks at least this often whether the lane that it waits for still lives.
constexpr std::uint64_t kLivenessIntervalNs = 20 * kNsPerMs;

// Where the device can take work off in the middle of a kernel, a launch longer than this does not
// wait for a request that is only expected: switching twice (2 x 0.18 ms on an H200) costs less
// than an idle device. A shorter one waits: it would be switched out and in, once per request.
constexpr std::uint64_t kSwitchWorthNs = 4 * kNsPerMs;

// A marker that is awaited for longer than this after the end of the lease is lost.
constexpr std::uint64_t kAwaitedMostNs = 1000 * kNsPerMs;

// A held thread looks for the end of its hold for that long before it sleeps. Where a request takes
// less, nobody sleeps: waking up takes 0.1 ms, costs whoever wakes a system call at the end of each
// request, and a processor that slept begins slowly.
constexpr std::uint64_t kWatchNs = 5 * kNsPerMs;

// What a watcher does not see by a change of `busy` (that a rival's lease was made shorter), it
// sees after this long.
constexpr std::uint64_t kWatchRecheckNs = 50 * kNsPerUs;

// Where processors are short, held threads sleep at once for so long: trying again costs little.
constexpr std::uint64_t kCrowdedNs = 100 * kNsPerMs;

// A thread whose window is taken up by threads that are themselves held looks at least this often.
constexpr std::uint64_t kReservedRecheckNs = 2 * kNsPerMs;

}  // namespace

bool awaits(const board::LaneSlot& other, std::uint64_t now_ns) noexcept {
    const std::uint64_t lease_ns = other.busy_until_ns.load(std::memory_order_relaxed);
    return now_ns - std::min(now_ns, lease_ns) < kAwaitedMostNs && board::is_awaited(other);
}

// Whether the device takes this process's work off for the rival's, in the middle of a kernel.
bool Lane::preempts(const board::LaneSlot& rival) const noexcept {
    return slot().timeslice_us.load(std::memory_order_relaxed) != 0 &&
           rival.owner.load(std::memory_order_relaxed) !=
               slot().owner.load(std::memory_order_relaxed);
}

void view_busy(const board::LaneSlot& other,
               std::uint64_t now_ns,
               policy::LaneView* view) noexcept {
    // `running` before `busy_until_ns`: at the end of its work the lane writes them in the reverse
    // order, so that it never looks idle in between. Acquire pairs with its release.
    view->running = other.running.load(std::memory_order_acquire) != 0;
    view->busy_until_ns = other.busy_until_ns.load(std::memory_order_relaxed);
    if (awaits(other, now_ns)) view->running = true;
}

policy::Verdict Lane::ask_policy(std::uint64_t busy, Wait* wait, std::uint64_t now_ns) noexcept {
    std::array<policy::LaneView, board::kLaneCountMax> views;
    std::size_t count = 0;
    // Before a long launch also the rivals that are idle now.
    std::uint64_t rest = wait->run_ns != 0 ? rivals_.load(std::memory_order_relaxed) : busy;
    for (; rest != 0; rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        const board::LaneSlot& other = board_.slot(index);
        views[count] = {};
        views[count].slot = index;
        views[count].priority = other.priority.load(std::memory_order_relaxed);
        const bool would_harm = wait->run_ns <= kSwitchWorthNs || !preempts(other);
        if (wait->run_ns != 0 && would_harm) {
            views[count].expected_ns = other.expected_ns.load(std::memory_order_relaxed);
            views[count].expected_slack_ns =
                other.expected_slack_us.load(std::memory_order_relaxed) * kNsPerUs;
            views[count].leeway_ns = other.leeway_us.load(std::memory_order_relaxed) * kNsPerUs;
            views[count].period_ns = other.period_us.load(std::memory_order_relaxed) * kNsPerUs;
        }
        ++count;
        if ((busy & (std::uint64_t{1} << index)) == 0) continue;
        view_busy(other, now_ns, &views[count - 1]);
    }
    count += look_at_shift(std::span(views).subspan(count), wait, now_ns);
    const policy::SelfView self = {slot_index_.load(std::memory_order_relaxed),
                                   priority_.load(std::memory_order_relaxed),
                                   wait->since_ns,
                                   options_.max_hold_ms * kNsPerMs,
                                   wait->run_ns,
                                   wait->after_request};
    const policy::Verdict verdict = policy_->decide(self, std::span(views.data(), count), now_ns);
    wait->after_request = verdict.decision == policy::Decision::kHold &&
                          verdict.blocker < board::kLaneCountMax &&
                          (busy >> verdict.blocker & 1) != 0;
    return verdict;
}

void Lane::sleep_held(const policy::Verdict& verdict,
                      std::uint32_t wake_seen,
                      std::uint64_t now_ns) noexcept {
    const std::uint64_t deadline =
        std::clamp(verdict.recheck_ns, now_ns + kNsPerUs, now_ns + kLivenessIntervalNs);
    platform_.wait_word(board_.header().wake_count, wake_seen, deadline);
}

// Of a lane's held threads one looks for the end without sleeping. Where work is complete when the
// call returns, the rival may need this very processor.
bool Lane::may_watch(std::uint64_t now_ns) noexcept {
    return !synchronous_ && now_ns >= crowded_until_ns_.load(std::memory_order_relaxed) &&
           !watched_.exchange(true, std::memory_order_relaxed);
}

void Lane::watch_held(const policy::Verdict& verdict,
                      std::uint64_t busy,
                      std::uint64_t now_ns,
                      Wait* wait) noexcept {
    const std::uint64_t rivals = rivals_.load(std::memory_order_relaxed);
    const std::uint64_t blocker = std::uint64_t{1} << verdict.blocker % board::kLaneCountMax;
    if ((rivals & blocker) == 0) {  // an equal, whose shift may take long
        wait->watch_until_ns = now_ns;
        return;
    }
    const bool for_busy = (busy & blocker) != 0;
    const std::uint64_t most_ns = for_busy ? now_ns + kWatchRecheckNs : wait->watch_until_ns;
    const std::uint64_t deadline_ns =
        std::max(std::min(verdict.recheck_ns, most_ns), now_ns + kNsPerUs);
    if (platform_.watch_word(board_.header().busy, rivals, busy, deadline_ns)) return;
    crowded_until_ns_.store(now_ns + kCrowdedNs, std::memory_order_relaxed);
    wait->watch_until_ns = now_ns;
}

// Whether the launch is one of the rest of a window that a time-out let through.
bool Lane::take_overdue_grant() noexcept {
    std::uint32_t left = overdue_grant_.load(std::memory_order_relaxed);
    // Not a plain subtraction: of two threads that see the last one, one must wait.
    while (left != 0) {
        if (overdue_grant_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

void Lane::wait_for_rivals(std::uint64_t run_ns, std::uint64_t* now_ns) noexcept {
    board::BoardHeader& header = board_.header();
    std::uint64_t busy =
        header.busy.load(std::memory_order_acquire) & rivals_.load(std::memory_order_relaxed);
    if (busy == 0 && run_ns == 0 && on_shift(*now_ns)) return;
    if (take_overdue_grant()) return;
    const NoCancel no_cancel;
    Wait wait{*now_ns, *now_ns, board::kNoPeer, run_ns};
    for (;;) {
        // Order: take the wake count, announce the waiter, then look. See idle().
        const std::uint32_t wake_seen = header.wake_count.load(std::memory_order_acquire);
        const bool watches = *now_ns < wait.watch_until_ns;
        if (wait.held) {
            // Again each time: a thread of the lane that goes on says that none is held.
            slot().held_since_ns.store(wait.since_ns, std::memory_order_relaxed);
            if (!watches) header.waiter_count.store(1, std::memory_order_seq_cst);
        }
        busy =
            header.busy.load(std::memory_order_seq_cst) & rivals_.load(std::memory_order_relaxed);
        policy::Verdict verdict = ask_policy(busy, &wait, *now_ns);
        if (verdict.decision == policy::Decision::kRun) verdict = take_shift(&wait, now_ns);
        if (verdict.decision == policy::Decision::kRunOverdue) {
            note_overdue(verdict, wait, *now_ns);
        }
        if (verdict.decision != policy::Decision::kHold) break;
        if (!wait.held) {
            begin_hold(busy, verdict, &wait);
            continue;  // look once more, now announced unless it watches
        }
        if (watches) {
            watch_held(verdict, busy, *now_ns, &wait);
        } else {
            sleep_held(verdict, wake_seen, *now_ns);
        }
        *now_ns = platform_.now_ns();
        if (wait.run_ns != 0) wait.run_ns = left_run_ns(*now_ns);
        if (*now_ns - wait.liveness_ns >= kLivenessIntervalNs) {
            wait.liveness_ns = *now_ns;
            board_.reap();
        }
        refresh_membership();
        if (state_.load(std::memory_order_acquire) != State::kAttached) break;
    }
    if (wait.held) end_hold(wait, *now_ns);
}

// The same as run_ns() after a while: the device has gone on with what the lane launched before.
std::uint64_t Lane::left_run_ns(std::uint64_t now_ns) noexcept {
    CommonWindow& common = this->common();
    const BoundedGuard guard(common.lock);
    if (!guard.owns()) return 0;
    poll_window(common, now_ns);
    return if_long(common.window.outstanding_ns(now_ns));
}

void Lane::begin_hold(std::uint64_t busy, const policy::Verdict& verdict, Wait* wait) noexcept {
    wait->held = true;
    if (may_watch(wait->since_ns)) wait->watch_until_ns = wait->since_ns + kWatchNs;
    slot().held.fetch_add(1, std::memory_order_relaxed);
    if (traced_.load(std::memory_order_relaxed)) {
        trace_hold(busy, wait);
        const bool is_for_peer = wait->blocker == board::kNoPeer;
        if (is_for_peer && verdict.blocker < board::kLaneCountMax) wait->blocker = verdict.blocker;
    }
    flush_markers();
}

void Lane::end_hold(const Wait& wait, std::uint64_t now_ns) noexcept {
    if (wait.watch_until_ns != 0) watched_.store(false, std::memory_order_relaxed);
    {
        // Or a peer.
        const BoundedGuard guard(common().lock);
        if (guard.owns()) common().window.rival_was_served();
    }
    slot().hold_ns.fetch_add(now_ns - wait.since_ns, std::memory_order_relaxed);
    trace_end(board::TraceKind::kHold, wait.blocker, wait.since_ns, now_ns);
    // Release, and after the event: whoever no longer finds the hold here finds it on the ring.
    slot().held_since_ns.store(0, std::memory_order_release);
}

// The hold has lasted for as long as one may.
void Lane::note_overdue(const policy::Verdict& verdict,
                        const Wait& wait,
                        std::uint64_t now_ns) noexcept {
    slot().hold_timeouts.fetch_add(1, std::memory_order_relaxed);
    say_once(
        "held for %u ms by a lane of process %u, which stays busy; going on for one "
        "window (headway status shows who)",
        options_.max_hold_ms,
        process_pid(board_.slot(verdict.blocker % board::kLaneCountMax)
                        .owner.load(std::memory_order_relaxed)));
    overdue_grant_.store(options_.threshold - 1, std::memory_order_relaxed);
    trace_end(board::TraceKind::kTimeout, wait.blocker, now_ns, now_ns);
}

// A hold begins: finds whom it is for, and ends the lane's own activity.
void Lane::trace_hold(std::uint64_t busy, Wait* wait) noexcept {
    std::int32_t highest = INT32_MIN;
    for (std::uint64_t rest = busy; rest != 0; rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        const board::LaneSlot& other = board_.slot(index);
        const bool is_busy = other.running.load(std::memory_order_relaxed) != 0 ||
                             other.busy_until_ns.load(std::memory_order_relaxed) > wait->since_ns ||
                             awaits(other, wait->since_ns);
        const std::int32_t priority = other.priority.load(std::memory_order_relaxed);
        if (!is_busy || priority <= highest) continue;
        highest = priority;
        wait->blocker = index;
    }
    board::record_inactive(slot(), wait->since_ns);
}

// Something with a beginning and an end is over.
void Lane::trace_end(board::TraceKind kind,
                     std::uint32_t peer,
                     std::uint64_t since_ns,
                     std::uint64_t now_ns) noexcept {
    if (!traced_.load(std::memory_order_relaxed)) return;
    board::record_event(slot(), {kind, peer, since_ns, now_ns - std::min(since_ns, now_ns)});
}

// Until when no rival is expected to want the device; 0: one may at any time.
std::uint64_t Lane::quiet_until_ns(std::uint64_t now_ns) const noexcept {
    const std::uint64_t rivals = rivals_.load(std::memory_order_relaxed);
    if ((board_.header().busy.load(std::memory_order_relaxed) & rivals) != 0) return 0;
    std::uint64_t until_ns = UINT64_MAX;
    for (std::uint64_t rest = rivals; rest != 0; rest &= rest - 1) {
        const board::LaneSlot& rival =
            board_.slot(static_cast<std::uint32_t>(std::countr_zero(rest)));
        const std::uint64_t expected_ns = rival.expected_ns.load(std::memory_order_relaxed);
        const std::uint64_t slack_ns =
            rival.expected_slack_us.load(std::memory_order_relaxed) * kNsPerUs;
        const std::uint64_t early_ns = expected_ns - std::min(expected_ns, slack_ns);
        if (early_ns <= now_ns) return 0;
        until_ns = std::min(until_ns, early_ns);
    }
    return until_ns;
}

// The caller holds the lock.
void Lane::poll_window(CommonWindow& common, std::uint64_t now_ns) noexcept {
    // Acquire; pairs with the release in mark_busy().
    const std::uint64_t turns = board_.header().turn_count.load(std::memory_order_acquire);
    // Its own do not disturb it. Read a moment apart, the two may differ by one: then a batch more
    // or less is learned from.
    const std::uint64_t own = common.own_turn_count.load(std::memory_order_relaxed);
    common.window.poll(now_ns, turns - own);
    if (common.lost.any()) common.window.lost(common.lost.take());
}

// For threads that may be many: pause_until() keeps a processor busy for its last 0.1 ms.
void Lane::rest_until(std::uint64_t until_ns) noexcept {
    const std::atomic<std::uint32_t>& word = board_.header().wake_count;
    platform_.wait_word(word, word.load(std::memory_order_relaxed), until_ns);
}

// Charges the launch to the window if it is admitted; otherwise says when to look again: 0 if at
// once, now_ns if that depends on other threads.
bool Lane::try_reserve(const Launch& launch,
                       Pass* pass,
                       std::uint64_t since_ns,
                       std::uint64_t now_ns,
                       std::uint64_t* recheck_ns) noexcept {
    CommonWindow& common = this->common();
    Window& window = common.window;
    Window::Marker marker;
    {
        const BoundedGuard guard(common.lock);
        if (!guard.owns()) {
            *recheck_ns = now_ns;
            return common.goes_without_lock(++pass->lock_failures_);
        }
        common.note_lock();
        window.launched_on_credit(launch.stream, take_credit(common), now_ns);
        poll_window(common, now_ns);
        window.expect_none_until(quiet_until_ns(now_ns));
        const Window::Charge charge = window.charge(launch);
        if (!charge.unknown && charge.predicted_ns > kSwitchWorthNs) {
            last_long_ns_.store(now_ns, std::memory_order_relaxed);
        }
        const bool behind = common.turn.behind(since_ns, now_ns);
        const bool admitted = !behind && window.admits(charge, now_ns);
        // Work without a marker would never be seen to end; and the start of an unknown kernel,
        // hence its cost, is known only if the end of what came before it is.
        if (charge.unknown || (!admitted && window.blind())) marker = window.flush(slot().progress);
        if (admitted && !marker.needed) {
            pass->left_ns_ = window.outstanding_ns(now_ns) + charge.predicted_ns;
            window.reserve(charge);
            pass->charge_ = charge;
            pass->charged_ = true;
            pass->common_ = &common;
            common.turn.served(since_ns);
            return true;
        }
        *recheck_ns = marker.needed ? 0 : behind ? now_ns : window.recheck_ns(charge, now_ns);
        common.turn.waits(since_ns, now_ns, std::max(now_ns, *recheck_ns));
    }
    put_marker(common, marker);
    return false;
}

void Lane::reserve_window(const Launch& launch, Pass* pass, std::uint64_t* now_ns) noexcept {
    std::uint64_t recheck_ns = 0;
    if (try_reserve(launch, pass, *now_ns, *now_ns, &recheck_ns)) return;
    wait_for_window(launch, pass, now_ns, recheck_ns);
}

void Lane::wait_for_window(const Launch& launch,
                           Pass* pass,
                           std::uint64_t* now_ns,
                           std::uint64_t recheck_ns) noexcept {
    const std::uint64_t since_ns = *now_ns;
    const std::uint64_t deadline_ns = since_ns + options_.max_hold_ms * kNsPerMs;
    const NoCancel no_cancel;
    do {
        if (*now_ns >= deadline_ns) {
            // The device has not passed a marker for a whole max_hold: forget the window, and go
            // on.
            slot().hold_timeouts.fetch_add(1, std::memory_order_relaxed);
            trace_end(board::TraceKind::kTimeout, board::kNoPeer, *now_ns, *now_ns);
            const BoundedGuard guard(common().lock);
            if (guard.owns()) common().window.reset();
            break;
        }
        // The lane is at work, however long that takes: its peers must not take its shift.
        if (peers_.load(std::memory_order_relaxed) != 0) seen_running();
        if (recheck_ns == *now_ns) {
            // Other threads have reserved the window, and are between here and their launches, or
            // held; or go first. The longer that takes, the less of a hurry there is.
            recheck_ns += std::clamp((*now_ns - since_ns) / 4, kNsPerUs, kReservedRecheckNs);
            rest_until(std::min(recheck_ns, deadline_ns));
        } else {
            platform_.pause_until(std::min(recheck_ns, deadline_ns));
        }
        *now_ns = platform_.now_ns();
    } while (!try_reserve(launch, pass, since_ns, *now_ns, &recheck_ns));
    slot().window_ns.fetch_add(*now_ns - since_ns, std::memory_order_relaxed);
    trace_end(board::TraceKind::kWindow, board::kNoPeer, since_ns, *now_ns);
}

// Covers what is on the device before a hold: its end would otherwise be seen only after the hold,
// and the hold be taken for its cost.
void Lane::flush_markers() noexcept {
    if (markers_.load(std::memory_order_acquire) != Markers::kWork) return;
    for (std::uint32_t track = 0; track < board::kTrackCountMax; ++track) {
        Window::Marker marker;
        {
            const BoundedGuard guard(common().lock);
            if (guard.owns()) marker = common().window.flush(slot().progress);
        }
        if (!marker.needed) return;
        put_marker(common(), marker);
    }
}

// Waits for locks, if need be: a marker that is neither asked for nor forgotten would leave its
// work in the window until the longest wait is over.
bool Lane::put_marker(CommonWindow& common, const Window::Marker& marker) noexcept {
    if (!marker.needed) return false;
    bool written = false;
    {
        const BoundedGuard guard(marker_lock_, BoundedGuard::kPatient);
        written = guard.owns() && markers_.load(std::memory_order_relaxed) == Markers::kWork &&
                  device_.write_marker(marker.stream, &slot().progress[marker.track], marker.value);
    }
    if (written) {
        slot().markers.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    const BoundedGuard guard(common.lock, BoundedGuard::kPatient);
    if (guard.owns()) common.window.refused(marker);
    return false;
}

}  // namespace headway::gate
