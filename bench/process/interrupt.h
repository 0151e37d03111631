// Ctrl-C and SIGTERM end a run cleanly: the parent looks here between events.
#pragma once

namespace headway::bench {

// From now on the two signals only set a mark. Call it once, in the parent.
void catch_interrupts();

bool interrupted() noexcept;

}  // namespace headway::bench
