#include "cli/top/screen.h"

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/output.h"

// Functions, not macros, which would clash with names such as erase.
#define NCURSES_NOMACROS
#include <curses.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>

namespace headway::cli {
namespace {

enum Colour : short { kGreen = 1, kYellow, kRed };

// The terminal in ncurses' hands, and back as it was at the end.
class Terminal {
 public:
    Terminal() {
        screen_ = ::newterm(nullptr, stdout, stdin);
        if (screen_ == nullptr) return;
        ::cbreak();
        ::noecho();
        ::keypad(stdscr, TRUE);
        ::curs_set(0);
        // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
        const char* const no_colour = ::getenv("NO_COLOR");
        if (::has_colors() && (no_colour == nullptr || *no_colour == '\0')) {
            ::start_color();
            ::use_default_colors();
            ::init_pair(kGreen, COLOR_GREEN, -1);
            ::init_pair(kYellow, COLOR_YELLOW, -1);
            ::init_pair(kRed, COLOR_RED, -1);
            coloured_ = true;
        }
    }

    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    Terminal(Terminal&&) = delete;
    Terminal& operator=(Terminal&&) = delete;

    ~Terminal() {
        if (screen_ == nullptr) return;
        ::endwin();
        ::delscreen(screen_);
    }

    bool valid() const { return screen_ != nullptr; }

    chtype attributes(LineKind kind) const {
        const auto colour = [this](short pair) {
            return coloured_ ? static_cast<chtype>(COLOR_PAIR(pair)) : chtype{A_NORMAL};
        };
        switch (kind) {
            case LineKind::kDevice:
                return A_BOLD;
            case LineKind::kHeading:
                return A_UNDERLINE;
            case LineKind::kRunning:
                return colour(kGreen);
            case LineKind::kHeld:
                return colour(kYellow);
            case LineKind::kDead:
                return colour(kRed);
            case LineKind::kIdle:
            case LineKind::kNote:
                break;
        }
        return A_NORMAL;
    }

 private:
    SCREEN* screen_ = nullptr;
    bool coloured_ = false;
};

const char* title_of(SortKey sort) {
    switch (sort) {
        case SortKey::kLaunches:
            return "launches";
        case SortKey::kHold:
            return "hold";
        case SortKey::kName:
            return "name";
        case SortKey::kPriority:
            break;
    }
    return "priority";
}

class Screen {
 public:
    explicit Screen(const ScreenOptions& options) : options_(options), sort_(options.sort) {}

    bool valid() const { return terminal_.valid(); }

    void run() {
        // The first picture comes soon, without a whole interval's rates.
        earlier_ = sample_boards(options_.folder);
        later_ = earlier_;
        std::uint64_t due_ns = now_ns() + std::min(options_.interval_ns, 200 * kNsPerMs);
        for (;;) {
            draw();
            const std::uint64_t now = now_ns();
            ::timeout(due_ns > now ? static_cast<int>((due_ns - now) / kNsPerMs) + 1 : 0);
            const int key = ::getch();
            if (key == 'q' || key == 'Q') return;
            if (key != ERR) take(key);
            if (now_ns() < due_ns) continue;
            earlier_ = std::move(later_);
            later_ = sample_boards(options_.folder);
            due_ns = later_.time_ns + options_.interval_ns;
        }
    }

 private:
    void take(int key) {
        const int page = std::max(LINES - 2, 1);
        switch (key) {
            case 'p':
                sort_ = SortKey::kPriority;
                break;
            case 'l':
                sort_ = SortKey::kLaunches;
                break;
            case 'h':
                sort_ = SortKey::kHold;
                break;
            case 'n':
                sort_ = SortKey::kName;
                break;
            case KEY_UP:
                first_ -= 1;
                break;
            case KEY_DOWN:
                first_ += 1;
                break;
            case KEY_PPAGE:
                first_ -= page;
                break;
            case KEY_NPAGE:
                first_ += page;
                break;
            case KEY_HOME:
                first_ = 0;
                break;
            default:  // a new size is drawn like anything else
                break;
        }
    }

    void put(int row, const std::string& text, chtype attributes) {
        ::attrset(static_cast<int>(attributes));
        // Not into the last cell of the last line: that would scroll some terminals.
        ::mvaddnstr(row, 0, text.c_str(), std::max(COLS - 1, 0));
        ::attrset(A_NORMAL);
    }

    void draw() {
        const std::vector<Line> lines =
            table_lines(tabulate(earlier_, later_, sort_), options_.folder);
        const int room = std::max(LINES - 1, 1);
        first_ = std::clamp(first_, 0, std::max(static_cast<int>(lines.size()) - room, 0));
        ::erase();
        put(0,
            fmt::format("headway top, by {}   sort: p priority, l launches, h hold, n name   "
                        "arrows scroll   q quit",
                        title_of(sort_)),
            A_REVERSE);
        for (int row = 1; row < LINES; ++row) {
            const auto index = static_cast<std::size_t>(first_ + row - 1);
            if (index >= lines.size()) break;
            put(row, lines[index].text, terminal_.attributes(lines[index].kind));
        }
        ::refresh();
    }

    const ScreenOptions& options_;
    Terminal terminal_;
    SortKey sort_;
    int first_ = 0;  // the first line of the table that is shown
    BoardsSample earlier_;
    BoardsSample later_;
};

}  // namespace

int show_screen(const ScreenOptions& options) {
    {
        Screen screen(options);
        if (screen.valid()) {
            screen.run();
            return kExitDone;
        }
    }
    complain("top", "this terminal is unknown to ncurses (TERM); use headway top --once");
    return kExitFailed;
}

}  // namespace headway::cli
