#include "bench/process/progress.h"

#include "base/clock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace headway::bench {
namespace {

double seconds_since(std::uint64_t begin_ns) {
    return static_cast<double>(now_ns() - begin_ns) / static_cast<double>(kNsPerS);
}

std::string duration_text(double seconds) {
    if (seconds < 90) return fmt::format("{:.0f} s", seconds);
    return fmt::format("{:.0f} min", seconds / 60);
}

std::string prefix() {
    const char* const text = std::getenv(kProgressPrefix);
    return text == nullptr ? "" : fmt::format("{} ", text);
}

}  // namespace

Progress::Progress(int steps)
    : prefix_(prefix()),
      steps_(steps),
      terminal_(::isatty(STDERR_FILENO) == 1),
      begin_ns_(now_ns()) {}

Progress::~Progress() {
    clear();
}

void Progress::clear() {
    if (line_shown_) fmt::print(stderr, "\r\x1b[K");
    line_shown_ = false;
}

void Progress::begin_step(int index, const std::string& label) {
    index_ = index;
    label_ = label;
    begin_phase("start", 0);
}

void Progress::begin_phase(const std::string& phase, double seconds) {
    phase_ = phase;
    phase_s_ = seconds;
    phase_begin_ns_ = now_ns();
    tick();
}

void Progress::tick() {
    if (!terminal_) return;
    const double in_phase_s = seconds_since(phase_begin_ns_);
    std::string line =
        fmt::format("\r\x1b[K{}[{}/{}] {}: {}", prefix_, index_ + 1, steps_, label_, phase_);
    if (phase_s_ > 0) {
        line += fmt::format(" {:.0f}/{:.0f} s", std::min(in_phase_s, phase_s_), phase_s_);
    }
    if (index_ > 0) {
        const double per_step_s =
            (seconds_since(begin_ns_) - in_phase_s) / static_cast<double>(index_);
        const double left_s = per_step_s * (steps_ - index_) - in_phase_s;
        line += fmt::format(", about {} left", duration_text(std::max(left_s, 0.0)));
    }
    fmt::print(stderr, "{}", line);
    line_shown_ = true;
}

void Progress::note(const std::string& line) {
    clear();
    fmt::print(stderr, "{}[{}/{}] {}: {}\n", prefix_, index_ + 1, steps_, label_, line);
}

}  // namespace headway::bench
