// Which streams record a graph: nothing is held or added there, since nothing runs.
#pragma once

#include <cstdint>

namespace headway::gpu {

// A capture was begun on a stream, with success.
void note_capture_begin(std::uintptr_t stream) noexcept;

// A capture on the stream may have ended: asks the driver.
void note_capture_end(std::uintptr_t stream) noexcept;

// The stream is gone, and its capture with it.
void note_capture_gone(std::uintptr_t stream) noexcept;

// Whether work launched on the stream would be recorded. Also true for a stream that joined a
// capture by waiting for an event, and when the driver cannot say. One relaxed load while nothing
// is captured.
bool is_capturing(std::uintptr_t stream) noexcept;

// Whether any stream of the process records a graph, as far as known.
bool capture_in_progress() noexcept;

// After a fork, in the child: no stream survived.
void forget_captures() noexcept;

}  // namespace headway::gpu
