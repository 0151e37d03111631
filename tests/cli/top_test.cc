// `headway top`, with lanes of live processes: as plain text, and on a real pseudo-terminal.
#include "tests/cli/process.h"
#include "tests/cli/worker.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <regex>
#include <string>

namespace headway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::Finished;
using test::Worker;
using testing::HasSubstr;
using testing::Not;

class Top : public testing::Test {
 protected:
    static Finished once(std::vector<std::string> more = {},
                         const std::map<std::string, std::string>& variables = {}) {
        std::vector<std::string> words = {HEADWAY_CLI_PATH, "top", "--once", "--interval", "0.3"};
        words.insert(words.end(), more.begin(), more.end());
        return test::run_process(words, variables);
    }

    test::TemporaryBoards boards_;
};

// The words of the line that has `name`, or none.
std::vector<std::string> row_of(const std::string& text, const std::string& name) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find(" " + name + " ") == std::string::npos) continue;
        std::istringstream stream(line);
        return {std::istream_iterator<std::string>(stream), {}};
    }
    return {};
}

TEST_F(Top, OnceShowsRatesAndStatesOfLiveLanes) {
    // Busy nearly always, so that the low lane is held also where few cores are free.
    Worker high("inference", 10, {200, 100, 500});
    Worker low("training", 1, {1, 50, 0});
    const Finished finished = once();
    EXPECT_EQ(finished.status, 0);
    EXPECT_EQ(finished.err, "");
    EXPECT_THAT(finished.out, HasSubstr("cpu: 2 lanes"));
    const std::vector<std::string> first = row_of(finished.out, "inference");
    const std::vector<std::string> second = row_of(finished.out, "training");
    ASSERT_EQ(first.size(), 9U) << finished.out;
    ASSERT_EQ(second.size(), 9U) << finished.out;
    EXPECT_EQ(first[0], std::to_string(high.pid()));
    EXPECT_EQ(first[2], "10");
    EXPECT_GT(std::stod(first[4]), 100) << "launches/s";
    EXPECT_EQ(first[6], "0%");
    EXPECT_GT(std::stod(second[5]), 0) << "holds/s";
    EXPECT_GT(std::stod(second[6]), 10) << "share of the time held";
    EXPECT_LT(finished.out.find("inference"), finished.out.find("training"));
    const Finished by_hold = once({"--sort", "hold"});
    EXPECT_GT(by_hold.out.find("inference"), by_hold.out.find("training"));
}

TEST_F(Top, OnceMarksTheDeadAndSkipsBadBoards) {
    Worker doomed("doomed", 3, {});
    std::ofstream(boards_.board("broken")) << "no board";
    doomed.kill();
    const Finished finished = once();
    EXPECT_EQ(finished.status, 0);
    EXPECT_THAT(finished.out, HasSubstr("skipped"));
    const std::vector<std::string> row = row_of(finished.out, "doomed");
    ASSERT_EQ(row.size(), 9U) << finished.out;
    EXPECT_EQ(row[3], "dead");
}

TEST_F(Top, OnceWithoutBoardsSaysSo) {
    EXPECT_THAT(once().out, HasSubstr("No boards in "));
}

TEST_F(Top, WithoutATerminalItPointsToOnce) {
    const Finished finished = test::run_process({HEADWAY_CLI_PATH, "top"});
    EXPECT_EQ(finished.status, 2);
    EXPECT_THAT(finished.err, HasSubstr("--once"));
    EXPECT_EQ(test::run_process({HEADWAY_CLI_PATH, "top", "--interval", "0"}).status, 2);
    EXPECT_EQ(test::run_process({HEADWAY_CLI_PATH, "top", "--sort", "age"}).status, 2);
}

// `headway top` on a terminal of its own.
class Terminal {
 public:
    explicit Terminal(const char* type) {
        winsize size{};
        size.ws_row = 24;
        size.ws_col = 100;
        pid_ = ::forkpty(&master_, nullptr, nullptr, &size);
        if (pid_ == 0) {
            ::setenv("TERM", type, 1);
            ::execl(HEADWAY_CLI_PATH, HEADWAY_CLI_PATH, "top", "--interval", "0.1", nullptr);
            ::_exit(127);
        }
    }

    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    Terminal(Terminal&&) = delete;
    Terminal& operator=(Terminal&&) = delete;

    ~Terminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(master_);
    }

    // Reads until what was written since the last call has `text`; false after a minute.
    bool shows(const std::string& text) {
        const auto deadline = steady_clock::now() + milliseconds(60'000);
        while (seen_.find(text) == std::string::npos) {
            if (steady_clock::now() >= deadline || !read_some()) return false;
        }
        return true;
    }

    void press(const std::string& keys) {
        ASSERT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    }

    void resize(unsigned short rows, unsigned short columns) {
        seen_.clear();
        winsize size{};
        size.ws_row = rows;
        size.ws_col = columns;
        ASSERT_EQ(::ioctl(master_, TIOCSWINSZ, &size), 0);
    }

    // Waits for its end; the wait status.
    int finish() {
        while (read_some()) {
        }
        int status = -1;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return status;
    }

    const std::string& seen() const { return seen_; }

 private:
    bool read_some() {
        pollfd input = {master_, POLLIN, 0};
        if (::poll(&input, 1, 10'000) != 1) return false;
        char buffer[4096];
        const ssize_t bytes = ::read(master_, buffer, sizeof buffer);
        if (bytes > 0) seen_.append(buffer, static_cast<std::size_t>(bytes));
        return bytes > 0;
    }

    pid_t pid_ = -1;
    int master_ = -1;
    std::string seen_;
};

TEST_F(Top, TheScreenShowsALiveLaneTakesKeysAndResizes) {
    Worker lane("inference", 10, {});
    Terminal terminal("xterm");
    EXPECT_TRUE(terminal.shows("inference")) << terminal.seen();
    EXPECT_TRUE(terminal.shows(std::to_string(lane.pid())));
    EXPECT_TRUE(terminal.shows("running")) << terminal.seen();
    terminal.press("lhnp\x1b[A\x1b[B");
    terminal.resize(4, 60);
    EXPECT_TRUE(terminal.shows("inference")) << terminal.seen();
    terminal.resize(1, 10);  // room for nothing
    terminal.resize(30, 120);
    EXPECT_TRUE(terminal.shows("inference")) << terminal.seen();
    terminal.press("q");
    EXPECT_EQ(terminal.finish(), 0);
    EXPECT_THAT(terminal.seen(), HasSubstr("\x1b[?1049l")) << "the screen as it was before";
}

TEST_F(Top, TheScreenHasColoursOnlyWhereTheTerminalHas) {
    const Worker lane("inference", 10, {});
    Terminal plain("vt100");
    EXPECT_TRUE(plain.shows("running")) << plain.seen();
    EXPECT_THAT(plain.seen(), Not(HasSubstr("\x1b[32m")));
    plain.press("q");
    EXPECT_EQ(plain.finish(), 0);
    Terminal coloured("xterm-256color");
    EXPECT_TRUE(coloured.shows("\x1b[32m")) << coloured.seen();
    coloured.press("q");
    EXPECT_EQ(coloured.finish(), 0);
    Terminal unknown("no-such-terminal");
    EXPECT_TRUE(unknown.shows("--once")) << unknown.seen();
    EXPECT_NE(unknown.finish(), 0);
}

}  // namespace
}  // namespace headway
