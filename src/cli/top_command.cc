#include "base/clock.h"
#include "board/board.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/top/table.h"

#include <unistd.h>

#include <chrono>
#include <thread>

#ifdef HEADWAY_HAVE_CURSES
#include "cli/top/screen.h"
#endif

namespace headway::cli {
namespace {

SortKey sort_key(const std::string& name) {
    if (name == "launches") return SortKey::kLaunches;
    if (name == "hold") return SortKey::kHold;
    return name == "name" ? SortKey::kName : SortKey::kPriority;
}

int print_once(const std::string& folder, const TopOptions& options) {
    const BoardsSample earlier = sample_boards(folder);
    std::this_thread::sleep_for(std::chrono::duration<double>(options.interval_s));
    const BoardsSample later = sample_boards(folder);
    std::string text;
    for (const Line& line : table_lines(tabulate(earlier, later, sort_key(options.sort)), folder)) {
        text += line.text + "\n";
    }
    return print(text);
}

}  // namespace

int run_top(const TopOptions& options) {
    char folder[4096];
    if (const Status found = board::board_directory(folder, sizeof folder); !found.ok()) {
        complain("top", found.message());
        return kExitBadArguments;
    }
    if (options.once) return print_once(folder, options);
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) {
        complain("top", "standard input and output are no terminal; use headway top --once");
        return kExitBadArguments;
    }
#ifdef HEADWAY_HAVE_CURSES
    return show_screen(
        {folder, static_cast<std::uint64_t>(options.interval_s * kNsPerS), sort_key(options.sort)});
#else
    complain("top", "built without ncurses (libncurses-dev); use headway top --once");
    return kExitFailed;
#endif
}

}  // namespace headway::cli
