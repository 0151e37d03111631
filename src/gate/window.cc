#include "gate/window.h"

#include "base/clock.h"
#include "board/awaited.h"

#include <algorithm>

namespace headway::gate {

namespace {

// Polling begins this long before the predicted end of the running batch, so that its end is seen
// as it happens: that is what costs are learned from.
constexpr std::uint64_t kPollLeadNs = 30 * kNsPerUs;

// The next launch must be there this long before the end of what runs, or the device is left idle:
// a look at the marker, the launch itself, and some lateness of the thread.
constexpr std::uint64_t kHandoverNs = 50 * kNsPerUs;

// A launch longer than this goes the later, the longer it is, so that the harm which one launch too
// many does to a rival (its length, in the time by which it goes ahead) stays the same.
constexpr std::uint64_t kFullHandoverNs = kNsPerMs;

// A prediction is good to this part of it: until its end has been seen, so much of the running work
// is taken to be left.
constexpr std::uint64_t kPredictionError = 64;

// Past the predicted end, looks come no more rarely than this. Long enough to sleep in between.
constexpr std::uint64_t kLateLookNs = 250 * kNsPerUs;

// When work is this many times as late as it was predicted to be long, and this long besides, its
// marker is taken to be lost.
constexpr std::uint64_t kLostAfter = 8;
constexpr std::uint64_t kLostAfterNs = 5 * kNsPerMs;

// While the device is predicted to have less than this part of the budget left, it waits for the
// program's launches rather than the program for it: then the window limits nothing, and a marker
// (8 us of the program's and the device's time on an H200) only confirms the predictions, which is
// enough once in so many budgets.
constexpr std::uint64_t kKeepsUpPart = 2;
constexpr std::uint64_t kConfirmBudgets = 8;

// After so many disturbed looks at unknown launches without any other, one is believed.
constexpr std::uint32_t kDisturbedSights = 3;

// Less credit than this part of a budget is not worth its books.
constexpr std::uint64_t kLeastCreditPart = 16;

// While it is known when a rival comes, so much of the time until then may be filled: the rest is
// for predictions that are too low. At most the second: more covers no more of a host's hiccups.
constexpr std::uint64_t kQuietPartOf8 = 7;
constexpr std::uint64_t kDeepestNs = 4 * kNsPerMs;

// Markers in a budget that is deeper than the limit: each costs the device some microseconds, and
// the more work is behind the running one, the less does it matter when that ends.
constexpr std::uint64_t kMarkersPerDeepBudget = 4;

// Counts on over all windows of the process: a lane's page never holds a value that a window gives
// out later, whichever windows the lane belongs to.
std::uint32_t next_value() noexcept {
    static constinit std::atomic<std::uint32_t> last_value{0};
    return last_value.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Window::Charge Window::charge(const Launch& launch) const noexcept {
    const std::uint64_t predicted = costs_.predict(launch.key);
    // An unknown launch may be long: it is charged a full budget, so that it runs with at most one
    // other.
    return predicted != 0 ? Charge{predicted, false} : Charge{limits_.budget_ns, true};
}

void Window::Kernels::add(std::uint64_t key,
                          std::uint32_t launch_count,
                          std::uint64_t predicted_ns) noexcept {
    std::uint32_t at = 0;
    while (at < count && keys[at] != key)
        ++at;
    if (at == kKeyCountMax) {
        left_out_ns += predicted_ns;
        return;
    }
    if (at == count) keys[count++] = key;
    launches[at] += launch_count;
}

// Takes finished work, or work that will never run, off the sums.
void Window::forget(std::uint64_t predicted_ns,
                    std::uint32_t count,
                    std::uint32_t big_count) noexcept {
    // reset() may have come between a charge and its end; hence the bounds.
    unfinished_ns_ -= std::min(unfinished_ns_, predicted_ns);
    unfinished_count_ -= std::min(unfinished_count_, count);
    big_count_ -= std::min(big_count_, big_count);
}

const Window::Batch& Window::batch_at(std::uint32_t index) const noexcept {
    return batches_[(batch_head_ + index) % kBatchCountMax];
}

// The batch that the device works on, as far as is known: the oldest one. Null if there is none.
const Window::Batch* Window::running_batch() const noexcept {
    if (batch_count_ != 0) return &batch_at(0);
    const Batch* oldest = nullptr;
    for (std::uint32_t index = 0; index < track_count_; ++index) {
        const Batch& tail = tracks_[index].tail;
        const bool older = oldest == nullptr || tail.launched_ns < oldest->launched_ns;
        if (tail.count != 0 && older) oldest = &tail;
    }
    return oldest;
}

std::uint64_t Window::running_start_ns(const Batch& batch) const noexcept {
    return std::max(batch.launched_ns, last_finish_ns_);
}

std::uint64_t Window::outstanding_ns(std::uint64_t now_ns) const noexcept {
    const Batch* running = running_batch();
    // How much of an unknown kernel is left cannot be told by the time it has taken.
    if (running == nullptr || running->has_unknown) return unfinished_ns_;
    const std::uint64_t elapsed = elapsed_ns(*running, now_ns);
    // Long after its end a marker is lost rather than late.
    const bool late = elapsed > kLostAfter * running->predicted_ns + kLostAfterNs;
    const std::uint64_t sure_ns =
        running->predicted_ns - (late ? 0 : running->predicted_ns / kPredictionError);
    return unfinished_ns_ - std::min({elapsed, sure_ns, unfinished_ns_});
}

// How long the device has worked on the batch, as far as is known.
std::uint64_t Window::elapsed_ns(const Batch& running, std::uint64_t now_ns) const noexcept {
    return now_ns - std::min(now_ns, running_start_ns(running) + running.idle_ns);
}

// Before a launch joins `tail`: when all that is there should be over, the device idles until now.
void Window::note_idle(Batch& tail, std::uint64_t now_ns) const noexcept {
    if (batch_count_ != 0 || tail.has_unknown) return;
    const std::uint64_t elapsed = elapsed_ns(tail, now_ns);
    if (elapsed > tail.predicted_ns) tail.idle_ns += elapsed - tail.predicted_ns;
}

// Whether the device waits for the program's launches, as far as is predicted.
bool Window::keeps_up(std::uint64_t now_ns) const noexcept {
    return outstanding_ns(now_ns) <= budget_ns(now_ns) / kKeepsUpPart;
}

// How much may be on the device now.
std::uint64_t Window::budget_ns(std::uint64_t now_ns) const noexcept {
    const std::uint64_t quiet_ns = quiet_until_ns_ - std::min(now_ns, quiet_until_ns_);
    return std::max(limits_.budget_ns, std::min(quiet_ns / 8 * kQuietPartOf8, kDeepestNs));
}

// How much may be left on the device when a launch of that length goes: what the budget has room
// for, and at least the handover.
std::uint64_t Window::lead_ns(std::uint64_t predicted_ns, std::uint64_t now_ns) const noexcept {
    const std::uint64_t budget = budget_ns(now_ns);
    const std::uint64_t room_ns = budget - std::min(budget, predicted_ns);
    const std::uint64_t handover_ns = predicted_ns <= kFullHandoverNs
                                          ? kHandoverNs
                                          : kHandoverNs * kFullHandoverNs / predicted_ns;
    return std::max(room_ns, std::min(handover_ns, limits_.budget_ns));
}

bool Window::admits(const Charge& charge, std::uint64_t now_ns) const noexcept {
    if (unfinished_count_ == 0) return true;
    if (batch_count_ == kBatchCountMax) return false;
    const bool big = is_big(charge);
    const bool deep = budget_ns(now_ns) > limits_.budget_ns;
    if (big && !deep && big_count_ >= limits_.threshold) return false;
    return outstanding_ns(now_ns) <= lead_ns(charge.predicted_ns, now_ns);
}

std::uint64_t Window::recheck_ns(const Charge& charge, std::uint64_t now_ns) const noexcept {
    const Batch* running = running_batch();
    if (running == nullptr) return now_ns;
    const std::uint64_t end_ns =
        running_start_ns(*running) + running->idle_ns + running->predicted_ns;
    const std::uint64_t outstanding = outstanding_ns(now_ns);
    const std::uint64_t lead = lead_ns(charge.predicted_ns, now_ns);
    const std::uint64_t lead_wait_ns = outstanding > lead ? outstanding - lead : UINT64_MAX;
    if (now_ns + kPollLeadNs < end_ns) {
        // Not one long sleep: the prediction may be far too high, and only looking can tell.
        const std::uint64_t wait_ns = std::max((end_ns - now_ns) / 4, kPollLeadNs);
        return std::min(now_ns + std::min(lead_wait_ns, wait_ns), end_ns - kPollLeadNs);
    }
    // Near the predicted end or past it. The later it gets, the more rarely is it worth a look.
    const std::uint64_t late_ns = now_ns - std::min(now_ns, end_ns);
    return now_ns + std::clamp(late_ns / 16, kNsPerUs, kLateLookNs);
}

void Window::reserve(const Charge& charge) noexcept {
    unfinished_ns_ += charge.predicted_ns;
    unfinished_count_ += 1;
    if (is_big(charge)) big_count_ += 1;
}

std::uint64_t Window::credit_ns(std::uint64_t now_ns) const noexcept {
    const std::uint64_t budget = budget_ns(now_ns);
    const std::uint64_t room_ns = budget - std::min(budget, outstanding_ns(now_ns));
    const std::uint64_t credit_ns = std::min(room_ns, limits_.budget_ns) / 2;
    return credit_ns >= limits_.budget_ns / kLeastCreditPart ? credit_ns : 0;
}

void Window::launched_on_credit(device::StreamHandle stream,
                                const Credit::Spent& spent,
                                std::uint64_t now_ns) noexcept {
    if (spent.launches == 0) return;
    const std::uint32_t index = track_of(stream);
    if (index == board::kTrackCountMax) return;
    Batch& tail = tail_of(index, spent.since_ns);
    tail.count += spent.launches;
    tail.predicted_ns += spent.ns;
    tail.kernels.left_out_ns += spent.ns;
    tail.last_launched_ns = now_ns;  // at the latest
    unfinished_ns_ += spent.ns;
    unfinished_count_ += spent.launches;
}

// The track's work that has no marker yet; begun now if there is none.
Window::Batch& Window::tail_of(std::uint32_t track, std::uint64_t now_ns) noexcept {
    Batch& tail = tracks_[track].tail;
    if (tail.count == 0) {
        tail = Batch{};
        tail.track = track;
        tail.launched_ns = now_ns;
        tail.turn_count = turn_count_;
        tail.after_rival = rival_was_served_;
        rival_was_served_ = false;
    }
    return tail;
}

std::uint32_t Window::track_of(device::StreamHandle stream) noexcept {
    for (std::uint32_t index = 0; index < track_count_; ++index) {
        if (tracks_[index].stream == stream) return index;
    }
    if (track_count_ < board::kTrackCountMax) {
        tracks_[track_count_].stream = stream;
        return track_count_++;
    }
    // More streams than tracks: take over the track that has nothing unfinished, if any.
    for (std::uint32_t index = 0; index < board::kTrackCountMax; ++index) {
        Track& track = tracks_[index];
        bool unfinished = track.tail.count != 0;
        for (std::uint32_t i = 0; i < batch_count_ && !unfinished; ++i) {
            unfinished = batch_at(i).track == index;
        }
        if (unfinished) continue;
        track.stream = stream;
        return index;
    }
    return board::kTrackCountMax;
}

void Window::rejected(const Charge& charge) noexcept {
    forget(charge.predicted_ns, 1, is_big(charge) ? 1 : 0);
}

Window::Marker Window::launched(const Launch& launch,
                                const Charge& charge,
                                Progress page,
                                std::uint64_t now_ns) noexcept {
    const std::uint32_t index = track_of(launch.stream);
    if (index ==
        board::kTrackCountMax) {  // one stream too many to be followed: not part of the window
        rejected(charge);
        return {};
    }
    const bool big = is_big(charge);
    Batch& tail = tail_of(index, now_ns);
    note_idle(tail, now_ns);
    tail.last_launched_ns = now_ns;
    tail.count += 1;
    tail.big_count += big ? 1 : 0;
    tail.predicted_ns += charge.predicted_ns;
    tail.has_unknown = tail.has_unknown || charge.unknown;
    tail.kernels.add(launch.key, 1, charge.predicted_ns);
    return marker_is_due(tail, now_ns) ? close_tail(index, page) : Marker{};
}

bool Window::marker_is_due(const Batch& tail, std::uint64_t now_ns) const noexcept {
    const std::uint64_t budget = budget_ns(now_ns);
    const bool deep = budget > limits_.budget_ns;
    const std::uint64_t interval_ns =
        deep ? std::max(budget / kMarkersPerDeepBudget, limits_.budget_ns) : limits_.budget_ns;
    return tail.has_unknown || (!deep && tail.big_count >= limits_.batch_size) ||
           tail.predicted_ns >= kConfirmBudgets * limits_.budget_ns ||
           (tail.predicted_ns >= interval_ns && !keeps_up(now_ns));
}

Window::Marker Window::close_tail(std::uint32_t index, Progress page) noexcept {
    Track& track = tracks_[index];
    if (track.tail.count == 0 || batch_count_ == kBatchCountMax) return {};
    Batch& batch = batches_[(batch_head_ + batch_count_) % kBatchCountMax];
    batch = track.tail;
    batch.page = page;
    batch.value = next_value();
    batch_count_ += 1;
    track.tail = Batch{};
    return {true, track.stream, index, batch.value};
}

Window::Marker Window::flush(Progress page) noexcept {
    for (std::uint32_t index = 0; index < track_count_; ++index) {
        const Marker marker = close_tail(index, page);
        if (marker.needed) return marker;
    }
    return {};
}

Window::Marker Window::mark(device::StreamHandle stream) noexcept {
    const std::uint32_t index = track_of(stream);
    if (index == board::kTrackCountMax) return {};
    return {true, stream, index, next_value()};
}

Window::Marker Window::leave(device::StreamHandle stream, Progress page) noexcept {
    for (std::uint32_t index = 0; index < track_count_; ++index) {
        Track& track = tracks_[index];
        if (track.stream != stream) continue;
        const Marker marker = close_tail(index, page);
        // No room for a marker: its end will not be seen.
        forget(track.tail.predicted_ns, track.tail.count, track.tail.big_count);
        track.tail = Batch{};
        track.stream = kNoStream;
        return marker;
    }
    return {};
}

void Window::remove_batch(std::uint32_t index) noexcept {
    const Batch& batch = batch_at(index);
    forget(batch.predicted_ns, batch.count, batch.big_count);
    const std::uint32_t last = (batch_head_ + batch_count_ - 1) % kBatchCountMax;
    for (std::uint32_t at = (batch_head_ + index) % kBatchCountMax; at != last;
         at = (at + 1) % kBatchCountMax) {
        batches_[at] = batches_[(at + 1) % kBatchCountMax];
    }
    batch_count_ -= 1;
}

void Window::refused(const Marker& marker) noexcept {
    for (std::uint32_t i = 0; i < batch_count_; ++i) {
        const Batch& batch = batch_at(i);
        if (batch.track == marker.track && batch.value == marker.value) return remove_batch(i);
    }
}

void Window::forget_page(Progress page) noexcept {
    for (std::uint32_t i = batch_count_; i-- != 0;) {
        if (batch_at(i).page == page) remove_batch(i);
    }
}

void Window::reset() noexcept {
    for (Track& track : tracks_)
        track.tail = Batch{};
    batch_head_ = batch_count_ = 0;
    big_count_ = unfinished_count_ = 0;
    unfinished_ns_ = 0;
}

void Window::poll(std::uint64_t now_ns, std::uint64_t turn_count) noexcept {
    turn_count_ = turn_count;
    std::uint32_t finished = 0;
    while (finished < batch_count_) {
        const Batch& batch = batch_at(finished);
        // Acquire: the work before the marker has completed, and so have its writes.
        const std::uint32_t progress = batch.page[batch.track].load(std::memory_order_acquire);
        if (!board::reached(progress, batch.value)) break;
        finished += 1;
    }
    if (finished != 0) {
        learn(measure(finished, now_ns), finished);
        for (std::uint32_t i = 0; i < finished; ++i) {
            const Batch& batch = batch_at(i);
            forget(batch.predicted_ns, batch.count, batch.big_count);
        }
        batch_head_ = (batch_head_ + finished) % kBatchCountMax;
        batch_count_ -= finished;
        last_finish_late_ns_ = now_ns - std::min(now_ns, last_poll_ns_);
        last_finish_ns_ = now_ns;
    }
    last_poll_ns_ = now_ns;
}

// The time that the oldest `finished` batches took, when the end of the last of them (and perhaps
// of others) is seen now.
Window::Measured Window::measure(std::uint32_t finished, std::uint64_t now_ns) const noexcept {
    const Batch& first = batch_at(0);
    const Batch& last = batch_at(finished - 1);
    const std::uint64_t start_ns = running_start_ns(first);
    // It had not ended at the last look. It may have begun earlier than it seemed: when the end of
    // what ran before it was itself seen late.
    const bool began_after_another = last_finish_ns_ > first.launched_ns;
    const std::uint64_t start_late_ns = began_after_another ? last_finish_late_ns_ : 0;
    // Before its last launch the device may have been idle: a host that launches slowly must not be
    // taken for kernels that run long.
    const std::uint64_t surely_running_ns = std::max(start_ns, last.last_launched_ns);
    // Idle time is itself a prediction, but one that cannot run away: without what follows the last
    // idle moment the rest is as long as predicted.
    std::uint64_t idle_ns = 0;
    for (std::uint32_t i = 0; i < finished; ++i)
        idle_ns += batch_at(i).idle_ns;
    return {last_poll_ns_ - std::min(last_poll_ns_, surely_running_ns),
            now_ns - std::min(now_ns, start_ns + idle_ns) + start_late_ns};
}

// Whether a rival ran while the device worked on the batch: it then took less time than it seems to
// have taken.
bool Window::ran_beside_rival(const Batch& batch) const noexcept {
    return batch.turn_count != turn_count_;
}

// Work that consists of one unknown launch took about `measured`. A disturbed look is better than
// none where a rival comes so often that there are no others, if it saw the work still running not
// long before its end.
void Window::learn_first_sight(const Batch& batch, const Measured& measured) noexcept {
    if (ran_beside_rival(batch)) {
        const bool close = measured.least_ns >= measured.most_ns / 2;
        if (!close || ++disturbed_sights_ < kDisturbedSights) return;
    }
    disturbed_sights_ = 0;
    costs_.learn(batch.kernels.keys[0], measured.most_ns);
}

// The oldest `finished` batches took about `measured` together.
void Window::learn(const Measured& measured, std::uint32_t finished) noexcept {
    if (finished == 1 && batch_at(0).has_unknown && batch_at(0).count == 1) {
        return learn_first_sight(batch_at(0), measured);
    }
    // What the cost model says now, not what was charged at launch: it may have learned since, and
    // correcting the same error twice would overshoot.
    Kernels all;
    std::uint64_t predicted = 0;
    bool disturbed = false;
    for (std::uint32_t i = 0; i < finished; ++i) {
        const Batch& batch = batch_at(i);
        if (batch.has_unknown) return;  // can't be split fairly
        // After a rival the device had to be switched over first.
        disturbed = disturbed || ran_beside_rival(batch) || batch.after_rival;
        for (std::uint32_t k = 0; k < batch.kernels.count; ++k) {
            const std::uint64_t key = batch.kernels.keys[k];
            const std::uint64_t cost = costs_.predict(key) * batch.kernels.launches[k];
            all.add(key, batch.kernels.launches[k], cost);
            predicted += cost;
        }
        predicted += batch.kernels.left_out_ns;
    }
    if (predicted == 0) return;
    // Move only as far as the measurement proves, each kernel by the factor that the whole was
    // wrong.
    const std::uint64_t least_ns = disturbed ? 0 : measured.least_ns;
    const std::uint64_t target = std::clamp(predicted, least_ns, measured.most_ns);
    const double factor = static_cast<double>(target) / static_cast<double>(predicted);
    for (std::uint32_t k = 0; k < all.count; ++k) {
        const auto old = static_cast<double>(costs_.predict(all.keys[k]));
        if (old > 0) costs_.learn(all.keys[k], static_cast<std::uint64_t>(old * factor));
    }
}

}  // namespace headway::gate
