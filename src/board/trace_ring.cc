#include "board/trace_ring.h"

#include <algorithm>

namespace headway::board {

namespace {

constexpr std::uint64_t kDurationMax = (std::uint64_t{1} << 40) - 1;
// A writer that was interrupted in the middle of an event is waited for this often.
constexpr std::uint32_t kPatience = 100;
// In `active_since_ns`: a thread is about to end the span. Starts are cut to even nanoseconds.
constexpr std::uint64_t kEnding = 1;

// Different in each round of the ring; never 0 in the first, which is what a new board holds.
std::uint64_t tag_of(std::uint64_t number) noexcept {
    return (number / kTraceEventCount + 1) & 0xff;
}

}  // namespace

void record_event(LaneSlot& slot, const TraceEvent& event) noexcept {
    const std::uint64_t number = slot.trace_count.fetch_add(1, std::memory_order_acq_rel);
    TraceCell& cell = slot.trace[number % kTraceEventCount];
    const std::uint64_t tag = tag_of(number);
    const std::uint64_t duration_ns = std::min(event.duration_ns, kDurationMax);
    // Release, and a tag in both words: a reader that finds the tag of this round in both has two
    // words of this event.
    cell.words[0].store(event.start_ns << 8 | tag, std::memory_order_release);
    cell.words[1].store(duration_ns << 24 | static_cast<std::uint64_t>(event.kind) << 16 |
                            std::uint64_t{event.peer & 0xff} << 8 | tag,
                        std::memory_order_release);
}

void record_active(LaneSlot& slot, std::uint64_t now_ns, std::uint64_t until_ns) noexcept {
    const std::uint64_t due_ns = slot.active_until_ns.load(std::memory_order_relaxed);
    if (now_ns > due_ns && slot.active_since_ns.load(std::memory_order_relaxed) != 0) {
        record_inactive(slot, due_ns);
    }
    std::uint64_t none = 0;
    slot.active_since_ns.compare_exchange_strong(
        none, now_ns & ~kEnding, std::memory_order_relaxed);
    slot.active_until_ns.store(std::max(until_ns, due_ns), std::memory_order_relaxed);
}

void record_inactive(LaneSlot& slot, std::uint64_t end_ns) noexcept {
    std::uint64_t since_ns = slot.active_since_ns.load(std::memory_order_relaxed);
    // Of two threads that meet here one ends it.
    if (since_ns == 0 || (since_ns & kEnding) != 0 ||
        !slot.active_since_ns.compare_exchange_strong(
            since_ns, since_ns | kEnding, std::memory_order_relaxed)) {
        return;
    }
    const std::uint64_t due_ns = slot.active_until_ns.load(std::memory_order_relaxed);
    const std::uint64_t ended_ns = std::max(std::min(end_ns, due_ns), since_ns);
    record_event(slot, {TraceKind::kActive, kNoPeer, since_ns, ended_ns - since_ns});
    // Release, and after the event: whoever no longer finds the span here finds it on the ring.
    slot.active_until_ns.store(0, std::memory_order_release);
    slot.active_since_ns.store(0, std::memory_order_release);
}

OpenActivity open_activity(const LaneSlot& slot) noexcept {
    // Acquire; pairs with record_inactive().
    const std::uint64_t since_ns = slot.active_since_ns.load(std::memory_order_acquire);
    return {since_ns & ~kEnding, slot.active_until_ns.load(std::memory_order_acquire)};
}

TraceCursor::Read TraceCursor::read(const LaneSlot& slot,
                                    TraceEvent* out_event,
                                    std::uint64_t* out_number) noexcept {
    for (std::uint32_t attempt = 0; attempt < kTraceEventCount; ++attempt) {
        const std::uint64_t count = slot.trace_count.load(std::memory_order_acquire);
        if (count == next_) return Read::kNothing;
        if (count < next_) {  // nobody counts back but a stranger
            next_ = count;
            ++lost_count_;
            return Read::kNothing;
        }
        if (count - next_ > kTraceEventCount) {
            lost_count_ += count - kTraceEventCount - next_;
            next_ = count - kTraceEventCount;
        }
        const TraceCell& cell = slot.trace[next_ % kTraceEventCount];
        // Acquire; pairs with the release of the writer.
        const std::uint64_t first = cell.words[0].load(std::memory_order_acquire);
        const std::uint64_t second = cell.words[1].load(std::memory_order_acquire);
        const std::uint64_t kind = second >> 16 & 0xff;
        const bool whole = (first & 0xff) == tag_of(next_) && (second & 0xff) == tag_of(next_);
        if (!whole && ++patience_ < kPatience &&
            slot.trace_count.load(std::memory_order_acquire) - next_ <= kTraceEventCount) {
            return Read::kNothing;  // being written
        }
        patience_ = 0;
        const std::uint64_t number = next_++;
        if (!whole || kind < 1 || kind > 4) {
            ++lost_count_;
            continue;
        }
        *out_event = {static_cast<TraceKind>(kind),
                      static_cast<std::uint32_t>(second >> 8 & 0xff),
                      first >> 8,
                      second >> 24};
        *out_number = number;
        return Read::kEvent;
    }
    return Read::kNothing;
}

}  // namespace headway::board
