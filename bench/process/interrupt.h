// Ctrl-C and SIGTERM end a run cleanly: the parent looks here between events.
#pragma once

namespace headway::bench {

// From now on the two signals only set a mark, and writing to a child that is gone is no more than
// an error. Call it once, in the parent.
void catch_interrupts();

bool interrupted() noexcept;

}  // namespace headway::bench
