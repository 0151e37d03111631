#include "cli/trace/recorder.h"

#include "base/clock.h"
#include "base/process.h"

#include <algorithm>

namespace headway::cli {
namespace {

using board::TraceKind;

constexpr std::uint64_t kRateIntervalNs = 100 * kNsPerMs;

std::uint64_t launches(const board::LaneSlot& slot) {
    return slot.passed.load(std::memory_order_relaxed) +
           slot.gated.load(std::memory_order_relaxed) +
           slot.bypassed.load(std::memory_order_relaxed);
}

}  // namespace

Recorder::~Recorder() {
    if (started_) board_.end_trace(this_process());
}

Status Recorder::start(const std::string& device) {
    Result<board::Board> opened = board::Board::open(device.c_str());
    if (!opened.ok()) return opened.status();
    board_ = std::move(opened.value());
    for (std::uint32_t index = 0; index < board::kLaneCountMax; ++index) {
        slots_[index].cursor = board::TraceCursor(board_.slot(index));
    }
    if (!board_.begin_trace(now_ns())) {
        const ProcessWord other = board_.header().tracer.load(std::memory_order_relaxed);
        return Status::error(Code::kUnavailable,
                             "%s is being traced already, by process %u",
                             device.c_str(),
                             process_pid(other));
    }
    started_ = true;
    trace_.device = device;
    trace_.start_ns = now_ns();
    look_for_lanes();
    return {};
}

// Gives each lane that is there a track.
void Recorder::look_for_lanes() {
    const std::uint64_t attached = board_.header().attached.load(std::memory_order_acquire);
    for (std::uint32_t index = 0; index < board::kLaneCountMax; ++index) {
        if ((attached >> index & 1) == 0) continue;
        Slot& slot = slots_[index];
        const board::LaneInfo lane = board::inspect_lane(board_, index);
        const std::uint64_t first_number =
            board_.slot(index).trace_first.load(std::memory_order_acquire);
        // A lane takes its bit away before it empties its slot: what was read is the lane's.
        const bool left =
            (board_.header().attached.load(std::memory_order_acquire) >> index & 1) == 0;
        if (left || lane.pid == 0) continue;
        if (slot.track != kNoTrack && trace_.tracks[slot.track].pid == lane.pid &&
            trace_.tracks[slot.track].generation == lane.generation) {
            trace_.tracks[slot.track].priority = lane.priority;
            continue;
        }
        slot.previous_track = slot.track;
        slot.track = kNoTrack;
        if (trace_.tracks.size() == kTrackCountMax) continue;
        slot.track = static_cast<std::uint32_t>(trace_.tracks.size());
        slot.first_number = first_number;
        slot.launch_count = launches(board_.slot(index));
        slot.launch_time_ns = now_ns();
        trace_.tracks.push_back({lane.pid, index, lane.generation, lane.name, lane.priority});
    }
}

void Recorder::add(TraceSpan span) {
    if (span.track == kNoTrack) return;
    // A stranger can write any time into an event; what lies outside of the trace is no part of it.
    const std::uint64_t begin_ns = std::max(span.start_ns, trace_.start_ns);
    const std::uint64_t end_ns = span.start_ns + span.duration_ns;
    if (end_ns < begin_ns || span.start_ns > now_ns()) return;
    span.start_ns = begin_ns;
    span.duration_ns = end_ns - begin_ns;
    if (trace_.spans.size() == kSpanCountMax) {
        trace_.spans.pop_front();
        ++trace_.dropped_count;
    }
    trace_.spans.push_back(span);
}

void Recorder::read_slot(std::uint32_t index) {
    Slot& slot = slots_[index];
    board::TraceEvent event;
    std::uint64_t number = 0;
    for (std::uint32_t count = 0; count < board::kTraceEventCount; ++count) {
        if (slot.cursor.read(board_.slot(index), &event, &number) !=
            board::TraceCursor::Read::kEvent) {
            return;
        }
        TraceSpan span;
        span.track = number >= slot.first_number ? slot.track : slot.previous_track;
        span.peer =
            event.peer < board::kLaneCountMax ? slots_[event.peer].track : std::uint32_t{kNoTrack};
        span.kind = event.kind;
        span.start_ns = event.start_ns;
        span.duration_ns = event.duration_ns;
        add(span);
    }
}

void Recorder::sample_rate(std::uint32_t index, std::uint64_t now_ns) {
    Slot& slot = slots_[index];
    if (slot.track == kNoTrack || now_ns < slot.launch_time_ns + kRateIntervalNs) return;
    const std::uint64_t count = launches(board_.slot(index));
    const double seconds = static_cast<double>(now_ns - slot.launch_time_ns) / kNsPerS;
    const double made =
        count > slot.launch_count ? static_cast<double>(count - slot.launch_count) : 0;
    slot.launch_count = count;
    slot.launch_time_ns = now_ns;
    if (trace_.rates.size() == kSpanCountMax) trace_.rates.pop_front();
    trace_.rates.push_back({slot.track, now_ns, made / seconds});
}

bool Recorder::poll() {
    const std::uint64_t now = now_ns();
    if (board_.header().tracer.load(std::memory_order_relaxed) != this_process()) {
        trace_.taken_over = true;
        return false;
    }
    board_.header().tracer_beat_ns.store(now, std::memory_order_relaxed);
    look_for_lanes();
    for (std::uint32_t index = 0; index < board::kLaneCountMax; ++index) {
        read_slot(index);
        sample_rate(index, now);
    }
    return true;
}

// What goes on in a lane now.
void Recorder::look_at_open_spans(std::uint32_t index, std::vector<TraceSpan>* open) const {
    const bool attached =
        (board_.header().attached.load(std::memory_order_acquire) >> index & 1) != 0;
    if (!attached || slots_[index].track == kNoTrack) return;
    const board::LaneSlot& slot = board_.slot(index);
    const std::uint64_t held_since_ns = slot.held_since_ns.load(std::memory_order_acquire);
    const board::OpenActivity active = board::open_activity(slot);
    const bool runs = slot.running.load(std::memory_order_relaxed) != 0;
    const std::uint64_t now = now_ns();
    TraceSpan span;
    span.track = slots_[index].track;
    span.open = true;
    if (held_since_ns != 0 && held_since_ns < now) {
        span.kind = TraceKind::kHold;
        span.start_ns = held_since_ns;
        span.duration_ns = now - held_since_ns;
        open->push_back(span);
    }
    const std::uint64_t until_ns = runs ? now : std::min(now, active.until_ns);
    if (active.since_ns != 0 && active.since_ns < until_ns) {
        span.kind = TraceKind::kActive;
        span.start_ns = active.since_ns;
        span.duration_ns = until_ns - active.since_ns;
        open->push_back(span);
    }
}

bool Recorder::has_ended(const TraceSpan& open) const {
    const std::uint64_t start_ns = std::max(open.start_ns, trace_.start_ns);
    return std::any_of(trace_.spans.rbegin(), trace_.spans.rend(), [&](const TraceSpan& span) {
        return span.track == open.track && span.kind == open.kind && span.start_ns == start_ns;
    });
}

// Looks at what goes on before it reads what has ended: what ends in between is then in both, and
// the other way round it would be in neither.
Trace Recorder::finish() {
    poll();
    std::vector<TraceSpan> open;
    for (std::uint32_t index = 0; index < board::kLaneCountMax; ++index) {
        look_at_open_spans(index, &open);
    }
    poll();
    if (!trace_.taken_over) {
        for (const TraceSpan& span : open) {
            if (!has_ended(span)) add(span);
        }
    }
    trace_.end_ns = now_ns();
    for (const Slot& slot : slots_) {
        trace_.lost_count += slot.cursor.lost_count();
    }
    board_.end_trace(this_process());
    started_ = false;
    return std::move(trace_);
}

}  // namespace headway::cli
