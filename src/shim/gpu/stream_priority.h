// Level 2: inside one process the GPU itself prefers the streams of higher lanes. A lane of
// priority p > 0 has its streams p steps above the default, as far as the device has steps; other
// lanes keep what the program asked for.
//
// A stream belongs to the lane that launches on it, and programs take streams from pools that they
// all share, so the priority goes with the lane that uses the stream next. The default streams stay
// as they are: they belong to everybody.
#pragma once

#include <cstdint>

namespace headway::gpu {

// The priority to create a stream with, in *priority: lower numbers go first. Returns whether that
// is another one than the program asked for.
bool raise_new_stream(std::int32_t lane_priority, int* priority) noexcept;

// A lane of that priority is about to launch on the stream, or to record a graph there. Calls the
// driver only when the stream comes from another lane. Needs a current context; not during a
// capture.
void use_stream(std::uintptr_t stream, std::int32_t lane_priority) noexcept;

// The handle is about to be reused.
void forget_stream(std::uintptr_t stream) noexcept;

// A context ends, and its streams with it. Streams of other contexts are taken as they are then.
void forget_streams() noexcept;

}  // namespace headway::gpu
