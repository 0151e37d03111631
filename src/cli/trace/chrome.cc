#include "cli/trace/chrome.h"

#include "base/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::cli {
namespace {

using board::TraceKind;

// Threads of one lane may be held at the same time: then the lane has several rows of that kind,
// since spans in one row must not overlap.
constexpr std::uint32_t kRowCountMax = 64;

// Names that programs gave themselves: quoted, and never invalid UTF-8.
std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

const char* name_of(TraceKind kind) {
    switch (kind) {
        case TraceKind::kActive:
            return "running";
        case TraceKind::kHold:
            return "held";
        case TraceKind::kWindow:
            return "window";
        case TraceKind::kTimeout:
            return "timeout";
    }
    return "";
}

class Writer {
 public:
    Writer(const Trace& trace, std::FILE* file) : trace_(trace), file_(file) {}

    Status write() {
        fmt::print(file_, "{{\"displayTimeUnit\":\"ms\",\n\"traceEvents\":[\n");
        for (std::uint32_t track = 0; track < trace_.tracks.size(); ++track) {
            write_track(track);
        }
        std::vector<const TraceSpan*> spans;
        for (const TraceSpan& span : trace_.spans) {
            spans.push_back(&span);
        }
        std::stable_sort(
            spans.begin(), spans.end(), [](const TraceSpan* left, const TraceSpan* right) {
                return left->start_ns < right->start_ns;
            });
        for (const TraceSpan* span : spans) {
            write_span(*span);
        }
        for (const TraceRate& rate : trace_.rates) {
            put(fmt::format(R"({{"ph":"C","name":"launches/s","pid":{},"ts":{},)"
                            R"("args":{{"launches/s":{:.1f}}}}})",
                            rate.track + 1,
                            time_us(rate.time_ns),
                            rate.launches_per_s));
        }
        write_end();
        if (std::fflush(file_) == 0 && std::ferror(file_) == 0) return {};
        return Status::error(Code::kUnavailable, "%s", ::strerrordesc_np(errno));
    }

 private:
    // A lane is a "process" of the trace: its number there is not its process id, which may have
    // several lanes.
    void write_track(std::uint32_t index) {
        const TraceTrack& track = trace_.tracks[index];
        const std::string name =
            fmt::format("{} (priority {}, pid {})", track.name, track.priority, track.pid);
        put(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":{}}}}})",
                        index + 1,
                        quoted(name)));
        // Higher priorities come first.
        put(fmt::format(
            R"({{"ph":"M","name":"process_sort_index","pid":{},"args":{{"sort_index":{}}}}})",
            index + 1,
            -std::int64_t{track.priority}));
    }

    static std::uint32_t first_thread(TraceKind kind) {
        return static_cast<std::uint32_t>(kind) * kRowCountMax;
    }

    // The first row of that kind that is free at the span's start; a new one gets its name.
    std::uint32_t row_for(const TraceSpan& span, TraceKind kind) {
        std::vector<std::uint64_t>& ends = row_ends_[{span.track, kind}];
        std::uint32_t row = 0;
        while (row < ends.size() && ends[row] > span.start_ns)
            ++row;
        const std::uint32_t thread = first_thread(kind) + row;
        if (row == ends.size()) {
            if (row == kRowCountMax) return first_thread(kind);
            ends.push_back(0);
            const std::string name =
                row == 0 ? name_of(kind) : fmt::format("{} {}", name_of(kind), row + 1);
            put(fmt::format(
                R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":"{}"}}}})",
                span.track + 1,
                thread,
                name));
            put(fmt::format(R"({{"ph":"M","name":"thread_sort_index","pid":{0},"tid":{1},)"
                            R"("args":{{"sort_index":{1}}}}})",
                            span.track + 1,
                            thread));
        }
        ends[row] = span.start_ns + span.duration_ns;
        return thread;
    }

    void write_span(const TraceSpan& span) {
        const bool instant = span.kind == TraceKind::kTimeout;
        const std::uint32_t thread =
            instant ? first_thread(TraceKind::kHold) : row_for(span, span.kind);
        std::string arguments;
        if (span.peer != kNoTrack && span.peer < trace_.tracks.size()) {
            const TraceTrack& peer = trace_.tracks[span.peer];
            arguments = fmt::format(R"("for":{},"for_pid":{},"for_priority":{})",
                                    quoted(peer.name),
                                    peer.pid,
                                    peer.priority);
        }
        if (span.open) arguments += arguments.empty() ? R"("open":true)" : R"(,"open":true)";
        const std::string time = instant ? std::string(R"("s":"p")")
                                         : fmt::format(R"("dur":{})", length_us(span.duration_ns));
        put(fmt::format(
            R"({{"ph":"{}","name":"{}","cat":"gate","pid":{},"tid":{},"ts":{},{},"args":{{{}}}}})",
            instant ? 'i' : 'X',
            name_of(span.kind),
            span.track + 1,
            thread,
            time_us(span.start_ns),
            time,
            arguments));
    }

    void write_end() {
        fmt::print(file_,
                   "\n],\n\"otherData\":{{\"schema\":\"headway.trace/1\",\"version\":{},"
                   "\"device\":{},\"start_monotonic_ns\":{},\"duration_us\":{},"
                   "\"lost_events\":{},\"dropped_events\":{}}}}}\n",
                   quoted(kVersion),
                   quoted(trace_.device),
                   trace_.start_ns,
                   time_us(trace_.end_ns),
                   trace_.lost_count,
                   trace_.dropped_count);
    }

    std::string time_us(std::uint64_t time_ns) const {
        return length_us(time_ns - std::min(time_ns, trace_.start_ns));
    }

    static std::string length_us(std::uint64_t length_ns) {
        return fmt::format("{}.{:03}", length_ns / 1000, length_ns % 1000);
    }

    void put(std::string_view event) {
        fmt::print(file_, "{}{}", first_ ? "" : ",\n", event);
        first_ = false;
    }

    const Trace& trace_;
    std::FILE* file_;
    bool first_ = true;
    std::map<std::pair<std::uint32_t, TraceKind>, std::vector<std::uint64_t>> row_ends_;
};

}  // namespace

Status write_chrome_trace(const Trace& trace, std::FILE* file) {
    return Writer(trace, file).write();
}

}  // namespace headway::cli
