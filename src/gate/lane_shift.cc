// How processes of equal priority share a device that serves one at a time, while they are gated:
// in shifts. Each has only a small window of work on the device, so that the device would change
// between all of them for every window, and most of its time would go into the changes. So one
// process has the device for some milliseconds, and the others are held.
//
// Who has the shift is one word of the board. The lane that has had enough lets its window drain,
// and gives the shift to the next one that is held, in the order of the slots. A lane that turns
// idle has given it up; then the next one that is held takes it. The word is any stranger's: it
// only ever makes the policy hold a lane, whose bound holds here too.
#include "base/clock.h"
#include "board/shift.h"
#include "gate/lane_hold.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace headway::gate {

namespace {

using board::Shift;

// The change to another process takes a GPU some 0.2 ms (H200), the wake-up of its thread 0.1 ms:
// three parts in a hundred of a shift.
constexpr std::uint64_t kShiftNs = 10 * kNsPerMs;

// Afterwards it is taken from a lane that is busy, and yet does not come to give it: in a very long
// kernel, or stopped.
constexpr std::uint64_t kShiftMostNs = 10 * kShiftNs;

// Who is given the shift has so long to come: a thread that sleeps wakes up within 0.1 ms.
constexpr std::uint64_t kComeNs = 500 * kNsPerUs;

// When nobody has the shift, the lanes behind the next one leave it to that one for so long.
constexpr std::uint64_t kOrderNs = 100 * kNsPerUs;

// Another lane was faster with the word: look again after this.
constexpr std::uint64_t kLostRaceNs = 20 * kNsPerUs;

// Draining takes as long as is predicted, or so much longer.
constexpr std::uint64_t kDrainSlackNs = 2 * kNsPerMs;

// The first lane after slot `after`, going round; kNobody if `lanes` is empty.
std::uint32_t first_after(std::uint32_t after, std::uint64_t lanes) noexcept {
    if (lanes == 0) return Shift::kNobody;
    const std::uint32_t begin = (after + 1) % board::kLaneCountMax;
    const auto distance = std::countr_zero(std::rotr(lanes, static_cast<int>(begin)));
    return (begin + static_cast<std::uint32_t>(distance)) % board::kLaneCountMax;
}

}  // namespace

// Whether nothing of the shift is in the way of a launch: the lane has no peers, or its process has
// the shift, and not for too long yet.
bool Lane::on_shift(std::uint64_t now_ns) const noexcept {
    if (peers_.load(std::memory_order_relaxed) == 0) return true;
    // Relaxed: the word carries all of its own data.
    const Shift shift = board::shift_of(board_.header().shift.load(std::memory_order_relaxed));
    return shift.of_any(mates_.load(std::memory_order_relaxed)) && !shift.given &&
           shift.age_ns(now_ns) < kShiftNs;
}

// The peers that have a thread in a hold.
std::uint64_t Lane::held_peers() const noexcept {
    std::uint64_t held = 0;
    for (std::uint64_t rest = peers_.load(std::memory_order_relaxed); rest != 0; rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        const bool is_held = board_.slot(index).held_since_ns.load(std::memory_order_relaxed) != 0;
        if (is_held) held |= std::uint64_t{1} << index;
    }
    return held;
}

// Changes the word that the wait has seen. False: somebody else did.
bool Lane::write_shift(Wait* wait, const board::Shift& shift) noexcept {
    const std::uint64_t word = board::shift_word(shift);
    std::uint64_t expected = wait->shift_word;
    // Sequentially consistent, as the end of being busy: who waits announces itself, and then reads
    // the word. See wake_waiters().
    if (!board_.header().shift.compare_exchange_strong(expected, word, std::memory_order_seq_cst))
        return false;
    wait->shift_word = word;
    return true;
}

// This lane's shift begins. What it launches first would be taken to run for as long as the device
// takes to change to it.
bool Lane::begin_shift(Wait* wait, std::uint64_t now_ns) noexcept {
    if (!write_shift(wait, {slot_index_.load(std::memory_order_relaxed), false, now_ns}))
        return false;
    const BoundedGuard guard(common().lock);
    if (guard.owns()) common().window.rival_was_served();
    return true;
}

// Looks at the shift: writes into `views` the peers that are in front of this lane, and returns how
// many there are.
std::size_t Lane::look_at_shift(std::span<policy::LaneView> views,
                                Wait* wait,
                                std::uint64_t now_ns) noexcept {
    const std::uint64_t peers = peers_.load(std::memory_order_relaxed);
    if (peers == 0 || views.empty()) return 0;
    // See write_shift().
    wait->shift_word = board_.header().shift.load(std::memory_order_seq_cst);
    const Shift shift = board::shift_of(wait->shift_word);
    const std::uint32_t self = slot_index_.load(std::memory_order_relaxed);
    if (shift.of_any(mates_.load(std::memory_order_relaxed))) {
        // Comes at once, even while a rival holds it: the one before waits for that.
        if (shift.given && shift.slot == self) begin_shift(wait, now_ns);
        return 0;
    }
    if (const std::size_t count = view_shift(views, shift, now_ns); count != 0) {
        wait->free_since_ns = 0;
        return count;
    }
    const std::uint32_t next = first_after(shift.slot, held_peers() | std::uint64_t{1} << self);
    if (next == self) return 0;
    if (wait->free_since_ns == 0 || wait->free_shift_word != wait->shift_word) {
        wait->free_since_ns = now_ns;
        wait->free_shift_word = wait->shift_word;
    }
    const std::uint64_t until_ns = wait->free_since_ns + kOrderNs;
    if (now_ns >= until_ns) return 0;
    views[0] = view_peer(next);
    views[0].busy_until_ns = views[0].shift_until_ns = until_ns;
    return 1;
}

policy::LaneView Lane::view_peer(std::uint32_t index) const noexcept {
    policy::LaneView view;
    view.slot = index;
    view.priority = board_.slot(index).priority.load(std::memory_order_relaxed);
    return view;
}

// The lanes of the process that has the shift, as far as they are there to use it.
std::size_t Lane::view_shift(std::span<policy::LaneView> views,
                             const board::Shift& shift,
                             std::uint64_t now_ns) const noexcept {
    const std::uint64_t peers = peers_.load(std::memory_order_relaxed);
    const std::uint64_t most_ns = shift.given ? kComeNs : kShiftMostNs;
    if (!shift.of_any(peers) || shift.age_ns(now_ns) >= most_ns) return 0;
    const std::uint64_t until_ns = shift.since_ns + most_ns;
    if (shift.given) {
        views[0] = view_peer(shift.slot);
        views[0].busy_until_ns = views[0].shift_until_ns = until_ns;
        return 1;
    }
    const std::uint64_t busy = board_.header().busy.load(std::memory_order_seq_cst);
    const std::uint64_t process = board_.slot(shift.slot).owner.load(std::memory_order_relaxed);
    std::size_t count = 0;
    for (std::uint64_t rest = peers; rest != 0 && count < views.size(); rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        const board::LaneSlot& peer = board_.slot(index);
        if (peer.owner.load(std::memory_order_relaxed) != process) continue;
        policy::LaneView view = view_peer(index);
        if ((busy >> index & 1) != 0) view_busy(peer, now_ns, &view);
        // Held for a rival, or while it drains, it goes on afterwards, or gives the shift.
        if (peer.held_since_ns.load(std::memory_order_relaxed) != 0) view.running = true;
        view.shift_until_ns = until_ns;
        if (view.running || view.busy_until_ns > now_ns) views[count++] = view;
    }
    return count;
}

// Asked when nobody is in front of this lane: makes the shift its own. To be held: it has had
// enough, and gives the shift to another, or another was faster.
policy::Verdict Lane::take_shift(Wait* wait, std::uint64_t* now_ns) noexcept {
    if (peers_.load(std::memory_order_relaxed) == 0) return {};
    const Shift shift = board::shift_of(wait->shift_word);
    const std::uint64_t held_ns = wait->held ? *now_ns - wait->since_ns : 0;
    // Whatever becomes of the word, a hold ends.
    const bool overdue = held_ns >= options_.max_hold_ms * kNsPerMs;
    const policy::Verdict lost_race = {
        overdue ? policy::Decision::kRunOverdue : policy::Decision::kHold,
        *now_ns + kLostRaceNs,
        shift.slot};
    if (!shift.of_any(mates_.load(std::memory_order_relaxed)))
        return begin_shift(wait, *now_ns) ? policy::Verdict{} : lost_race;
    // Held while it had the shift, it was so for a rival: that time is nobody's.
    const std::uint64_t age_ns = shift.age_ns(*now_ns);
    const std::uint64_t worked_ns = age_ns - std::min(age_ns, held_ns);
    if (worked_ns < kShiftNs && !wait->gives_shift) {
        if (worked_ns == age_ns) return {};
        const Shift longer = {shift.slot, false, *now_ns - worked_ns};
        return write_shift(wait, longer) ? policy::Verdict{} : lost_race;
    }
    const std::uint32_t next = first_after(shift.slot, held_peers());
    if (next == Shift::kNobody)
        return write_shift(wait, {shift.slot, false, *now_ns}) ? policy::Verdict{} : lost_race;
    if (overdue) return {policy::Decision::kRunOverdue, 0, next};
    // The hold begins before the shift is given: what drains meanwhile is seen to be busy.
    wait->gives_shift = true;
    if (!wait->held) return {policy::Decision::kHold, *now_ns, next};
    drain(*wait, now_ns);
    if (!write_shift(wait, {next, true, *now_ns})) return lost_race;
    wait->gives_shift = false;
    wake_waiters();
    return {policy::Decision::kHold, *now_ns + kComeNs, next};
}

// Waits until nothing of this lane is on the device, as far as its markers tell: for as long as
// that is predicted to take, and a little more.
void Lane::drain(const Wait& wait, std::uint64_t* now_ns) noexcept {
    if (markers_.load(std::memory_order_acquire) != Markers::kWork) return;
    flush_markers();
    std::uint64_t deadline_ns = wait.since_ns + options_.max_hold_ms * kNsPerMs;
    for (bool first = true;; first = false) {
        std::uint64_t recheck_ns = 0;
        {
            CommonWindow& common = this->common();
            const BoundedGuard guard(common.lock);
            if (!guard.owns()) return;
            poll_window(common, *now_ns);
            if (common.window.blind()) return;
            const std::uint64_t left_ns = common.window.outstanding_ns(*now_ns);
            if (first) {
                const std::uint64_t most_ns = std::min(left_ns + kDrainSlackNs, kShiftMostNs);
                deadline_ns = std::min(deadline_ns, *now_ns + most_ns);
            }
            recheck_ns = common.window.recheck_ns({}, *now_ns);
        }
        if (*now_ns >= deadline_ns) return;
        platform_.pause_until(std::min(recheck_ns, deadline_ns));
        *now_ns = platform_.now_ns();
    }
}

}  // namespace headway::gate
