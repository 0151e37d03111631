// The screen of `headway top`.
#pragma once

#include "cli/top/table.h"

#include <cstdint>
#include <string>

namespace headway::cli {

struct ScreenOptions {
    std::string folder;
    std::uint64_t interval_ns = 0;
    SortKey sort = SortKey::kPriority;
};

// Shows the lanes on the terminal until the user presses q; returns the exit status. Ncurses keeps
// one terminal per process, so once, and from one thread.
int show_screen(const ScreenOptions& options);

}  // namespace headway::cli
