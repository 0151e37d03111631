// A child's side of starting and ending together with the other children of a scenario.
#pragma once

#include <atomic>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The parent's next command. Blocks; ends the process if the parent is gone. For a child that takes
// commands one by one, and then uses nothing of what follows.
nlohmann::json next_command();

// Tells the parent that this child is loaded and warmed up, and blocks until all are. Returns the
// common start on the clock of base/clock.h. From then on the process ends at once if its parent
// is gone. Call it once, in a child. Throws Failure if the parent says something else.
std::uint64_t wait_for_start();

// Tells the parent that this child has its numbers. Does not block.
void tell_measured();

// True once all children have theirs. Lives as long as the process.
const std::atomic<bool>& all_measured() noexcept;

}  // namespace headway::bench
