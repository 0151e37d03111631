#include "gate/lane.h"

#include "base/clock.h"
#include "base/no_cancel.h"
#include "board/awaited.h"

#include <algorithm>
#include <bit>
#include <new>

namespace headway::gate {

namespace {

// Dead lanes are looked for this often while lanes compete, and at each attach to a full board.
constexpr std::uint64_t kReapIntervalNs = kNsPerS;

// A lane among equals reads no clock; it looks for the dead once in so many launches.
constexpr std::uint64_t kLaunchesPerLook = 1024;

// Without an observed completion a launch is taken to keep the device busy for this long at most.
constexpr std::uint64_t kLaunchLeaseNs = 5 * kNsPerMs;

// After so many functions in a row that were followed by a launch within a lease, none gets a
// marker, which costs the program some microseconds.
constexpr std::uint32_t kShortAwaits = 8;

// In a trace a lane that waits for its device is active until that ends; longer waits are cut here.
constexpr std::uint64_t kTracedWaitNs = 60 * kNsPerS;

Status check_range(const char* option,
                   std::int64_t value,
                   std::int64_t min,
                   std::int64_t max) noexcept {
    if (value >= min && value <= max) return {};
    return Status::error(Code::kInvalidArgument,
                         "%s must be between %lld and %lld, not %lld",
                         option,
                         static_cast<long long>(min),
                         static_cast<long long>(max),
                         static_cast<long long>(value));
}

}  // namespace

Status LaneOptions::validate() const noexcept {
    const Status checks[] = {
        check_range("priority", priority, -256, 255),
        check_range("threshold", threshold, 1, 65535),
        check_range("batch_size", batch_size, 1, threshold),
        check_range("budget_us", budget_us, 1, 1'000'000),
        check_range("linger_us", linger_us == kLingerAuto ? 0 : linger_us, 0, 1'000'000),
        check_range("max_hold_ms", max_hold_ms, 1, 60'000),
    };
    for (const Status& check : checks) {
        if (!check.ok()) return check;
    }
    return {};
}

Lane::Lane(device::Device& device, Platform& platform) noexcept
    : device_(device), platform_(platform), synchronous_(device.synchronous()) {}

Lane::~Lane() {
    close();
    leave_window();
    CommonWindow::forget_page(private_slot_.progress);
}

Status Lane::open(const LaneOptions& options) noexcept {
    if (Status status = options.validate(); !status.ok()) return status;
    options_ = options;
    options_.device = options_.name = nullptr;  // the caller's memory
    priority_.store(options.priority, std::memory_order_relaxed);
    std::snprintf(private_slot_.name, sizeof(private_slot_.name), "%s", options.name);
    private_slot_.priority.store(options.priority, std::memory_order_relaxed);
    CommonWindow* const common = CommonWindow::join(device_, options.priority, window_limits());
    if (common == nullptr) {
        return Status::error(Code::kUnavailable, "no memory for the lane's window");
    }
    common_.store(common, std::memory_order_release);
    has_joined_ = true;
    if (options.disabled) return {};
    Result<board::Board> opened = board::Board::open(options.device);
    if (!opened.ok()) return opened.status();
    board_ = std::move(opened.value());
    return attach();
}

// Takes a slot. On an error the lane is without one, and its launches are bypassed.
Status Lane::attach() noexcept {
    const std::int32_t priority = priority_.load(std::memory_order_relaxed);
    const Result<std::uint32_t> attached = board_.attach(priority, private_slot_.name);
    if (!attached.ok()) return attached.status();
    const std::uint32_t index = attached.value();
    board::LaneSlot& slot = board_.slot(index);
    markers_.store(synchronous_ ? Markers::kNone : Markers::kUntried, std::memory_order_relaxed);
    // A device without markers has no window: work is complete when the call returns.
    if (!synchronous_) slot.budget_us.store(options_.budget_us, std::memory_order_relaxed);
    slot_index_.store(index, std::memory_order_relaxed);
    generation_.store(slot.generation.load(std::memory_order_relaxed), std::memory_order_relaxed);
    slot_.store(&slot, std::memory_order_relaxed);
    // Release: a thread that sees kAttached sees the slot and the words above.
    epoch_word_.store(&board_.header().epoch, std::memory_order_release);
    state_.store(State::kAttached, std::memory_order_release);
    return {};
}

// Points everything that a launch reads at this object. alone() is then false for ever, so that
// every launch is looked at, and found to be without a board.
void Lane::use_no_board() noexcept {
    alone_epoch_.store(kNeverAlone, std::memory_order_relaxed);
    epoch_word_.store(&own_epoch_, std::memory_order_release);
    slot_.store(&private_slot_, std::memory_order_release);
    seen_epoch_.store(kNeverAlone, std::memory_order_relaxed);
    traced_.store(false, std::memory_order_relaxed);
}

void Lane::close() noexcept {
    if (state_.exchange(State::kClosed, std::memory_order_acq_rel) != State::kAttached) return;
    end_markers();
    leave_window();
    board::LaneSlot& old = slot();
    for (const board::CounterField& counter : board::kCounterFields) {
        (private_slot_.*counter.field)
            .store((old.*counter.field).load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    use_no_board();
    // The mapping stays until the object goes: another thread may be on its way through before().
    board_.detach(slot_index_.load(std::memory_order_relaxed));
}

// From here on the device writes nothing into the lane's page.
void Lane::end_markers() noexcept {
    const BoundedGuard guard(marker_lock_, BoundedGuard::kPatient);
    markers_.store(Markers::kNone, std::memory_order_release);
    // Otherwise a thread is stuck in the driver with a marker: the page must stay for as long as
    // the process.
    if (!guard.owns()) return board_.abandon();
    if (registered_) device_.unregister_progress(slot().progress);
    registered_ = false;
}

void Lane::forked() noexcept {
    if (state_.load(std::memory_order_relaxed) != State::kAttached) return;
    use_no_board();
    new (&lock_) BoundedLock;  // a thread that is not in this process may have held it
    new (&marker_lock_) BoundedLock;
    registered_ = false;
    watched_.store(false, std::memory_order_relaxed);
    common().forked();
    state_.store(State::kForked, std::memory_order_relaxed);
}

void Lane::device_reset() noexcept {
    if (common_.load(std::memory_order_relaxed) == nullptr) return;
    const BoundedGuard guard(common().lock);
    if (!guard.owns()) return;
    take_credit(common());
    common().window.reset();
    slot().awaited.store(0, std::memory_order_relaxed);
    Markers expected = Markers::kWork;
    markers_.compare_exchange_strong(expected, Markers::kUntried, std::memory_order_release);
}

void Lane::leave_stream(device::StreamHandle stream) noexcept {
    if (markers_.load(std::memory_order_acquire) != Markers::kWork) return;
    Window::Marker marker;
    {
        const BoundedGuard guard(common().lock);
        if (guard.owns()) marker = common().window.leave(stream, slot().progress);
    }
    put_marker(common(), marker);
}

Status Lane::set_priority(std::int32_t priority) noexcept {
    if (Status status = check_range("priority", priority, -256, 255); !status.ok()) return status;
    if (has_joined_) {
        CommonWindow* const common = this->common().move(priority);
        if (common == nullptr) {
            return Status::error(Code::kUnavailable, "no memory for the lane's window");
        }
        common_.store(common, std::memory_order_release);
    }
    priority_.store(priority, std::memory_order_relaxed);
    slot().priority.store(priority, std::memory_order_relaxed);
    if (state_.load(std::memory_order_acquire) == State::kAttached) board_.announce();
    return {};
}

// Whether the lane is on a board. A forked child's lane gets a slot of its own here.
bool Lane::ready() noexcept {
    const State state = state_.load(std::memory_order_acquire);
    if (state == State::kAttached) return true;
    if (state == State::kClosed) return false;
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return false;
    if (state_.load(std::memory_order_acquire) == State::kForked) {
        if (attach().ok()) return true;
        state_.store(State::kClosed, std::memory_order_release);
    }
    return state_.load(std::memory_order_acquire) == State::kAttached;
}

void Lane::refresh_membership() noexcept {
    // Acquire; pairs with the release in Board::announce(): the words below are at least as new. If
    // they are newer, the epoch has moved on, and the next launch comes here again.
    const std::uint64_t epoch = board_.header().epoch.load(std::memory_order_acquire);
    if (epoch == seen_epoch_.load(std::memory_order_relaxed)) return;
    const std::uint64_t self_bit = std::uint64_t{1} << slot_index_.load(std::memory_order_relaxed);
    const std::int32_t self = priority_.load(std::memory_order_relaxed);
    const std::uint64_t others =
        board_.header().attached.load(std::memory_order_acquire) & ~self_bit;
    const ProcessWord process = slot().owner.load(std::memory_order_relaxed);
    std::uint64_t rivals = 0;
    std::uint64_t peers = 0;
    std::uint64_t mates = self_bit;
    bool is_rival = false;
    for (std::uint64_t rest = others; rest != 0; rest &= rest - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
        const std::uint64_t bit = std::uint64_t{1} << index;
        const board::LaneSlot& lane = board_.slot(index);
        const std::int32_t other = lane.priority.load(std::memory_order_relaxed);
        const bool is_below = policy_->is_rival(other, self);
        is_rival = is_rival || is_below;
        if (policy_->is_rival(self, other)) {
            rivals |= bit;
        } else if (!is_below) {
            (lane.owner.load(std::memory_order_relaxed) == process ? mates : peers) |= bit;
        }
    }
    // Who is not gated has the device filled for more than a change between processes costs.
    if (rivals == 0 || synchronous_ || peers == 0 || !device_.one_process_at_a_time()) peers = 0;
    note_others(others);
    rivals_.store(rivals, std::memory_order_relaxed);
    tell_standing(outranked_.load(std::memory_order_relaxed) && is_in_the_way(platform_.now_ns()));
    peers_.store(peers, std::memory_order_relaxed);
    mates_.store(mates, std::memory_order_relaxed);
    is_rival_.store(is_rival || peers != 0, std::memory_order_relaxed);
    seen_epoch_.store(epoch, std::memory_order_relaxed);
    const bool traced = board_.header().tracer.load(std::memory_order_acquire) != 0;
    if (!traced_.exchange(traced, std::memory_order_relaxed) && traced) {
        // What an earlier trace left unfinished is none of this one's.
        slot().active_since_ns.store(0, std::memory_order_relaxed);
        slot().active_until_ns.store(0, std::memory_order_relaxed);
    }
    alone_epoch_.store(others == 0 && !traced ? epoch : kNeverAlone, std::memory_order_relaxed);
}

// Whether the device stores this lane's progress. Registers the lane's page when the first launch
// asks: not before, so that a lane that never competes costs the device nothing.
bool Lane::has_markers() noexcept {
    const Markers markers = markers_.load(std::memory_order_acquire);
    if (markers != Markers::kUntried) return markers == Markers::kWork;
    const BoundedGuard guard(marker_lock_);
    if (!guard.owns() || markers_.load(std::memory_order_acquire) != Markers::kUntried)
        return false;
    switch (device_.register_progress(slot().progress, board::kTrackCountMax)) {
        case device::Device::Registration::kDone:
            registered_ = true;
            markers_.store(Markers::kWork, std::memory_order_release);
            return true;
        case device::Device::Registration::kRefused:
            markers_.store(Markers::kNone, std::memory_order_release);
            return false;
        case device::Device::Registration::kNotNow:
            break;
    }
    return false;
}

void Lane::housekeeping(std::uint64_t now_ns) noexcept {
    const std::uint64_t last = last_reap_ns_.load(std::memory_order_relaxed);
    if (now_ns - std::min(now_ns, last) < kReapIntervalNs) return;
    // Two threads may both come here: reaping twice does no harm.
    last_reap_ns_.store(now_ns, std::memory_order_relaxed);
    const NoCancel no_cancel;
    board_.reap();
    if (outranked_.load(std::memory_order_relaxed)) {
        const bool in_the_way = is_in_the_way(now_ns);
        if (in_the_way != in_the_way_.load(std::memory_order_relaxed)) tell_standing(in_the_way);
    }
    if (traced_.load(std::memory_order_relaxed) && !board_.trace_is_live(now_ns)) {
        board_.end_trace(board_.header().tracer.load(std::memory_order_acquire));
    }
}

// How long the device would be kept from a rival, where that is worth an idle device.
std::uint64_t Lane::run_ns(const Pass& pass) const noexcept {
    const bool known = pass.charged_ && !pass.charge_.unknown;
    return known ? if_long(pass.left_ns_) : 0;
}

Pass Lane::before(const Launch& launch) noexcept {
    Pass pass;
    pass.gated_ = true;
    if (!ready()) {
        slot().bypassed.fetch_add(1, std::memory_order_relaxed);
        pass.gated_ = false;
        return pass;
    }
    refresh_membership();
    pass.generation_ = generation_.load(std::memory_order_relaxed);
    const std::uint64_t gated = slot().gated.fetch_add(1, std::memory_order_relaxed);
    const bool has_rivals = rivals_.load(std::memory_order_relaxed) != 0;
    const bool is_rival = is_rival_.load(std::memory_order_relaxed);
    if (!has_rivals &&
        !is_rival) {  // only equals on the device: nobody to wait for, nobody to tell
        pass.gated_ = false;
        // An equal that was killed would keep this lane from being alone for ever.
        if (gated % kLaunchesPerLook == 0) housekeeping(platform_.now_ns());
        if (traced_.load(std::memory_order_relaxed)) trace_launch(&pass);
        return pass;
    }
    std::uint64_t now = platform_.now_ns();
    if (is_rival) note_continuation(now);
    housekeeping(now);
    if (has_rivals) {
        // The window first: a rival that turns busy during that wait must still hold this launch.
        if (!launch.blocking && has_markers()) reserve_window(launch, &pass, &now);
        wait_for_rivals(run_ns(pass), &now);
    }
    pass.admitted_ns_ = now;
    if (traced_.load(std::memory_order_relaxed)) trace_launch(&pass);
    if (!is_rival_.load(std::memory_order_relaxed)) return pass;
    if (synchronous_) {
        const std::uint64_t last_end = last_end_ns_.load(std::memory_order_relaxed);
        if (last_end != 0) linger_.observe(now - std::min(now, last_end));
        slot().running.fetch_add(1, std::memory_order_relaxed);
        pass.running_ = true;
        mark_busy(now, linger_ns());
    } else {
        mark_busy(now, kLaunchLeaseNs);
    }
    return pass;
}

// The launch that `pass` belongs to is about to be made, and a trace is recorded.
void Lane::trace_launch(Pass* pass) noexcept {
    const std::uint64_t now = platform_.now_ns();
    housekeeping(now);
    pass->gated_ = pass->traced_ = true;
    board::record_active(slot(), now, now + (synchronous_ ? linger_ns() : kLaunchLeaseNs));
}

// Whether `pass` belongs to the present attach: after a fork or close() there is nothing left to
// settle.
bool Lane::owns(const Pass& pass) const noexcept {
    return pass.gated_ && pass.generation_ == generation_.load(std::memory_order_relaxed) &&
           state_.load(std::memory_order_acquire) == State::kAttached;
}

void Lane::after(const Launch& launch, const Pass& pass, bool accepted) noexcept {
    if (!owns(pass)) return;
    if (!pass.charged_ && !pass.running_ && !pass.traced_) return;
    // The time before the call does for a launch that is known: a look at the clock is a third of
    // what a gated launch costs. The first call of a kernel may load it, which takes long.
    const bool timed = pass.running_ || pass.traced_ || pass.charge_.unknown;
    const std::uint64_t now = timed ? platform_.now_ns() : pass.admitted_ns_;
    if (pass.traced_ && synchronous_) {
        slot().active_until_ns.store(now + linger_ns(), std::memory_order_relaxed);
    }
    if (pass.running_) {
        last_end_ns_.store(now, std::memory_order_relaxed);
        slot().busy_until_ns.store(now + linger_ns(), std::memory_order_relaxed);
        // Release: a lower lane that sees the work ended also sees the linger after it.
        slot().running.fetch_sub(1, std::memory_order_release);
    }
    if (!pass.charged_) return;
    CommonWindow& common = *pass.common_;
    Window& window = common.window;
    Window::Marker marker;
    {
        const BoundedGuard guard(common.lock);
        if (!guard.owns()) {
            return common.lost.add(pass.charge_.predicted_ns, window.is_big(pass.charge_));
        }
        if (!accepted) return window.rejected(pass.charge_);
        marker = window.launched(launch, pass.charge_, slot().progress, now);
        if (marker.needed) {
            slot().window_us.store(window.unfinished_us(), std::memory_order_relaxed);
        } else {
            // Not after a marker: the next launch looks for it. That it has been passed by then
            // says that the device waits for the program; seen later, it says little.
            grant_credit(common, now);
        }
    }
    put_marker(common, marker);
}

Pass Lane::begin_wait() noexcept {
    Pass pass;
    if (!ready()) return pass;
    refresh_membership();
    pass.generation_ = generation_.load(std::memory_order_relaxed);
    if (traced_.load(std::memory_order_relaxed)) {
        const std::uint64_t now = platform_.now_ns();
        pass.gated_ = pass.traced_ = true;
        board::record_active(slot(), now, now + kTracedWaitNs);
    }
    if (!is_rival_.load(std::memory_order_relaxed)) return pass;
    pass.gated_ = pass.running_ = true;
    slot().running.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t now = platform_.now_ns();
    note_continuation(now);
    mark_busy(now, kLaunchLeaseNs);
    pass.admitted_ns_ = now;
    return pass;
}

// The first wait of a request, if it is one, says how much later its work could have begun.
void Lane::note_wait(const Pass& pass, std::uint64_t now_ns) noexcept {
    if (request_ns_.load(std::memory_order_relaxed) == 0) return;
    const std::uint64_t request_ns = request_ns_.exchange(0, std::memory_order_relaxed);
    if (request_ns == 0 || request_ns >= pass.admitted_ns_) return;
    leeway_.observe(pass.admitted_ns_ - request_ns, now_ns - pass.admitted_ns_);
    slot().leeway_us.store(static_cast<std::uint32_t>(leeway_.leeway_ns() / kNsPerUs),
                           std::memory_order_relaxed);
}

void Lane::end_wait(const Pass& pass, bool complete) noexcept {
    if (!owns(pass)) return;
    const std::uint64_t now = platform_.now_ns();
    if (pass.running_) note_wait(pass, now);
    const std::uint64_t end_ns = now + linger_ns();
    if (pass.traced_) slot().active_until_ns.store(end_ns, std::memory_order_relaxed);
    if (pass.running_) {
        // The lease first: a lower lane that sees the wait ended must see what follows it.
        slot().busy_until_ns.store(end_ns, std::memory_order_relaxed);
        slot().running.fetch_sub(1, std::memory_order_release);
    }
    if (complete) seen_complete();
}

// A launch follows a function that the program enqueued: what is between them is at least as long
// as the work before that function.
void Lane::note_awaited(std::uint64_t now_ns) noexcept {
    const std::uint64_t since_ns = awaited_ns_.exchange(0, std::memory_order_relaxed);
    const bool is_short = now_ns - std::min(now_ns, since_ns) < kLaunchLeaseNs;
    const std::uint32_t count = short_await_count_.load(std::memory_order_relaxed);
    short_await_count_.store(is_short ? std::min(count + 1, kShortAwaits) : 0,
                             std::memory_order_relaxed);
}

// Whether others wait for work of this lane that it has not seen to be complete.
bool Lane::is_waited_for() const noexcept {
    if (synchronous_ || !is_rival_.load(std::memory_order_relaxed)) return false;
    if (state_.load(std::memory_order_acquire) != State::kAttached) return false;
    const std::uint64_t bit = std::uint64_t{1} << slot_index_.load(std::memory_order_relaxed);
    // A lane that lingers is busy, and its work complete.
    return (board_.header().busy.load(std::memory_order_relaxed) & bit) != 0 &&
           !completed_.load(std::memory_order_relaxed);
}

void Lane::await(device::StreamHandle stream) noexcept {
    if (!is_waited_for()) return;
    // Nothing new since the last time.
    if (awaited_ns_.load(std::memory_order_relaxed) != 0) return;
    awaited_ns_.store(platform_.now_ns(), std::memory_order_relaxed);
    if (short_await_count_.load(std::memory_order_relaxed) == kShortAwaits || !has_markers())
        return;
    Window::Marker marker;
    {
        const BoundedGuard guard(common().lock);
        if (guard.owns()) marker = common().window.mark(stream);
    }
    if (!put_marker(common(), marker)) return;
    slot().awaited.store(board::awaited_word(marker.track, marker.value),
                         std::memory_order_release);
}

// A launch is asked for, by a program that has seen all that came before it complete. A hold that
// follows is no pause of the program.
void Lane::note_continuation(std::uint64_t now_ns) noexcept {
    if (!completed_.load(std::memory_order_relaxed)) return;
    const std::uint64_t end_ns = last_end_ns_.load(std::memory_order_relaxed);
    continuation_.observe(now_ns - std::min(now_ns, end_ns));
}

void Lane::mark_busy(std::uint64_t now_ns, std::uint64_t lease_ns) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << slot_index_.load(std::memory_order_relaxed);
    board::BoardHeader& header = board_.header();
    const bool was_marked = (header.busy.load(std::memory_order_relaxed) & bit) != 0;
    const bool was_busy =
        was_marked && slot().busy_until_ns.load(std::memory_order_relaxed) > now_ns;
    slot().busy_until_ns.store(now_ns + lease_ns, std::memory_order_relaxed);
    if (awaited_ns_.load(std::memory_order_relaxed) != 0) note_awaited(now_ns);
    if (completed_.load(std::memory_order_relaxed))
        completed_.store(false, std::memory_order_relaxed);
    // Release: whoever sees the bit, or the turn, sees the lease.
    if (!was_marked) header.busy.fetch_or(bit, std::memory_order_release);
    if (was_busy) return;
    common().own_turn_count.fetch_add(1, std::memory_order_relaxed);
    header.turn_count.fetch_add(1, std::memory_order_release);
    if (!synchronous_) turn(now_ns);
}

// The lane turned busy: perhaps with a new request. Tells the others when to expect the next one.
void Lane::turn(std::uint64_t now_ns) noexcept {
    const BoundedGuard guard(lock_);
    if (!guard.owns()) return;
    const bool is_request = arrivals_.observe(now_ns, last_end_ns_.load(std::memory_order_relaxed));
    request_ns_.store(is_request ? now_ns : 0, std::memory_order_relaxed);
    const ExpectedArrival next = arrivals_.next();
    slot().expected_slack_us.store(static_cast<std::uint32_t>(next.slack_ns / kNsPerUs),
                                   std::memory_order_relaxed);
    slot().period_us.store(static_cast<std::uint32_t>(next.period_ns / kNsPerUs),
                           std::memory_order_relaxed);
    slot().expected_ns.store(next.time_ns, std::memory_order_relaxed);
}

// The last costs are learned before the window is forgotten.
void Lane::forget_finished_work() noexcept {
    if (traced_.load(std::memory_order_relaxed)) {
        board::record_inactive(slot(), platform_.now_ns());
    }
    if (markers_.load(std::memory_order_acquire) != Markers::kWork) return;
    CommonWindow& common = this->common();
    const BoundedGuard guard(common.lock);
    if (!guard.owns()) return;
    take_credit(common);
    poll_window(common, platform_.now_ns());
    // Of several lanes the others' work goes on.
    if (!common.is_shared()) common.window.reset();
}

// Sequentially consistent with the waiter, who announces itself and then looks at the lane: one of
// the two sees the other. The waiter sets the flag again each time, so that one who died is
// forgotten.
void Lane::wake_waiters() noexcept {
    board::BoardHeader& header = board_.header();
    if (header.waiter_count.exchange(0, std::memory_order_seq_cst) == 0) return;
    header.wake_count.fetch_add(1, std::memory_order_release);
    platform_.wake_word(header.wake_count);
}

void Lane::idle() noexcept {
    if (state_.load(std::memory_order_acquire) != State::kAttached) return;
    forget_finished_work();
    const std::uint64_t bit = std::uint64_t{1} << slot_index_.load(std::memory_order_relaxed);
    board::BoardHeader& header = board_.header();
    if ((header.busy.load(std::memory_order_relaxed) & bit) == 0) return;
    if (!synchronous_) last_end_ns_.store(platform_.now_ns(), std::memory_order_relaxed);
    slot().busy_until_ns.store(0, std::memory_order_relaxed);
    slot().awaited.store(0, std::memory_order_relaxed);
    // Another thread of the lane still waits for its work.
    if (slot().running.load(std::memory_order_relaxed) != 0) return;
    header.busy.fetch_and(~bit, std::memory_order_seq_cst);
    wake_waiters();
}

void Lane::seen_complete() noexcept {
    const bool before = completed_.exchange(true, std::memory_order_relaxed);
    const std::uint64_t pause_ns =
        options_.linger_us == LaneOptions::kLingerAuto ? continuation_.linger_ns() : 0;
    if (pause_ns == 0 || synchronous_) return idle();
    // A program that asks again and again must not stay busy by that.
    if (before || state_.load(std::memory_order_acquire) != State::kAttached) return;
    forget_finished_work();
    const std::uint64_t now = platform_.now_ns();
    last_end_ns_.store(now, std::memory_order_relaxed);
    slot().awaited.store(0, std::memory_order_relaxed);
    slot().busy_until_ns.store(now + pause_ns, std::memory_order_seq_cst);
    wake_waiters();  // they wait for the end of a longer lease
}

void Lane::seen_running() noexcept {
    // Else what the program has seen is none of the lane's work.
    if (!is_waited_for()) return;
    slot().busy_until_ns.store(platform_.now_ns() + kLaunchLeaseNs, std::memory_order_relaxed);
}

std::uint64_t Lane::linger_ns() const noexcept {
    return options_.linger_us == LaneOptions::kLingerAuto ? linger_.linger_ns()
                                                          : options_.linger_us * kNsPerUs;
}

}  // namespace headway::gate
