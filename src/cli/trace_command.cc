#include "base/clock.h"
#include "board/board.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/trace/chrome.h"
#include "cli/trace/recorder.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>

namespace headway::cli {
namespace {

// Between two looks a lane can write board::kTraceEventCount events: 100,000 a second.
constexpr std::uint64_t kPollIntervalNs = 2 * kNsPerMs;

// Waits up to the interval; true if SIGINT, SIGTERM or SIGHUP came, which are blocked.
bool interrupted(const sigset_t& signals) {
    timespec wait{};
    wait.tv_nsec = kPollIntervalNs;
    return ::sigtimedwait(&signals, nullptr, &wait) > 0;
}

std::string devices_of(const std::vector<board::BoardInfo>& boards) {
    std::string names;
    for (const board::BoardInfo& board : boards) {
        if (board.error.empty()) names += (names.empty() ? "" : ", ") + board.device;
    }
    return names;
}

// The device whose name was given, in full or by its beginning, or the only one there is.
std::string choose_device(const std::string& given, const std::string& folder) {
    const std::vector<board::BoardInfo> boards = board::list_boards(folder);
    std::vector<std::string> fitting;
    for (const board::BoardInfo& board : boards) {
        if (!board.error.empty()) continue;
        if (board.device == given) return given;
        if (board.device.compare(0, given.size(), given) == 0) fitting.push_back(board.device);
    }
    if (fitting.size() == 1) return fitting.front();
    if (fitting.size() > 1) {
        complain("trace", fmt::format("which device? give --device one of {}", devices_of(boards)));
        return "";
    }
    // Lanes that come later are traced too, so the device needs no board yet, but a name.
    if (!given.empty()) return given;
    complain("trace",
             fmt::format("no boards in {}: no program has opened a lane here; give --device to "
                         "wait for one",
                         folder));
    return "";
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Records until the time is over or a signal comes.
Trace record(Recorder& recorder, double duration_s) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const std::uint64_t start_ns = now_ns();
    const auto duration_ns = static_cast<std::uint64_t>(duration_s * kNsPerS);
    while (!interrupted(signals) && recorder.poll()) {
        if (duration_ns != 0 && now_ns() - start_ns >= duration_ns) break;
    }
    return recorder.finish();
}

void summarize(const Trace& trace, const std::string& output, double cpu_s) {
    const double seconds = static_cast<double>(trace.end_ns - trace.start_ns) / kNsPerS;
    fmt::print(stderr,
               "headway trace: {}: {} {}, {} events in {:.1f} s -> {} (recorder: {:.1f} % of a "
               "core)\n",
               trace.device,
               trace.tracks.size(),
               trace.tracks.size() == 1 ? "lane" : "lanes",
               trace.spans.size(),
               seconds,
               output,
               100 * cpu_s / std::max(seconds, 1e-3));
    if (trace.lost_count != 0) {
        complain("trace",
                 fmt::format("{} events are missing: they came faster than they could be read",
                             trace.lost_count));
    }
    if (trace.dropped_count != 0) {
        complain("trace",
                 fmt::format("only the last {} events were kept", Recorder::kSpanCountMax));
    }
    if (trace.taken_over) {
        complain("trace",
                 "the trace ended early: this process was stopped for too long, or another one "
                 "wrote on the board");
    }
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

int run_trace(const TraceOptions& options) {
    char folder[4096];
    if (const Status found = board::board_directory(folder, sizeof folder); !found.ok()) {
        complain("trace", found.message());
        return kExitBadArguments;
    }
    const std::string device = choose_device(options.device, folder);
    if (device.empty()) return kExitBadArguments;
    // Before the recording: a minute's trace should not end with "permission denied".
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(options.output.c_str(), "we"));
    if (file == nullptr) {
        complain("trace", fmt::format("{}: {}", options.output, ::strerrordesc_np(errno)));
        return kExitBadArguments;
    }
    Recorder recorder;
    if (const Status started = recorder.start(device); !started.ok()) {
        complain("trace", started.message());
        return kExitFailed;
    }
    const double cpu_before_s = cpu_seconds();
    const Trace trace = record(recorder, options.duration_s);
    const double cpu_s = cpu_seconds() - cpu_before_s;
    if (const Status written = write_chrome_trace(trace, file.get()); !written.ok()) {
        complain("trace", fmt::format("{}: {}", options.output, written.message()));
        return kExitFailed;
    }
    summarize(trace, options.output, cpu_s);
    return kExitDone;
}

}  // namespace headway::cli
