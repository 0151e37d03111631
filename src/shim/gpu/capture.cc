// Captures are counted, so that the usual case (none) costs one load. The count may be too high,
// for instance when a context dies during a capture: then the driver is asked in vain. It is never
// too low.
#include "shim/gpu/capture.h"

#include "shim/gpu/driver_calls.h"

#include <atomic>
#include <cstddef>

namespace headway::gpu {
namespace {

// Captures in progress at the same time that are told apart. With more, the driver is asked for
// ever.
constexpr std::size_t kCapturesMax = 64;

constinit std::atomic<std::uintptr_t> g_streams[kCapturesMax] = {};
constinit std::atomic<std::uint32_t> g_captures{0};

// The per-thread default stream has one handle for many streams: each capture of it has its own
// entry.
bool replace_one(std::uintptr_t from, std::uintptr_t to) noexcept {
    for (std::atomic<std::uintptr_t>& entry : g_streams) {
        std::uintptr_t expected = from;
        if (entry.compare_exchange_strong(expected, to, std::memory_order_relaxed)) return true;
    }
    return false;
}

bool driver_says_capturing(std::uintptr_t stream) noexcept {
    // The legacy stream answers with an error while a capture is on: a launch on it is one, too.
    return capture_state(stream) != CaptureState::kNone;
}

}  // namespace

void note_capture_begin(std::uintptr_t stream) noexcept {
    // Counted first and never uncounted when the table is full.
    g_captures.fetch_add(1, std::memory_order_relaxed);
    replace_one(0, stream);
}

void note_capture_end(std::uintptr_t stream) noexcept {
    if (!capture_in_progress()) return;
    // The driver's call ends an invalid capture too, and fails; but not when the thread was wrong.
    if (capture_state(stream) == CaptureState::kNone) note_capture_gone(stream);
}

void note_capture_gone(std::uintptr_t stream) noexcept {
    if (!capture_in_progress() || stream == 0) return;
    if (replace_one(stream, 0)) g_captures.fetch_sub(1, std::memory_order_relaxed);
}

bool is_capturing(std::uintptr_t stream) noexcept {
    return capture_in_progress() && driver_says_capturing(stream);
}

bool capture_in_progress() noexcept {
    return g_captures.load(std::memory_order_relaxed) != 0;
}

void forget_captures() noexcept {
    for (std::atomic<std::uintptr_t>& entry : g_streams)
        entry.store(0, std::memory_order_relaxed);
    g_captures.store(0, std::memory_order_relaxed);
}

}  // namespace headway::gpu
