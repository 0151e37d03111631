#include "board/board.h"

#include "base/env.h"
#include "board/inspect.h"
#include "tests/support/temporary_boards.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

namespace headway::board {
namespace {

class BoardTest : public ::testing::Test {
 protected:
    static Board open() {
        Result<Board> opened = Board::open("cpu");
        EXPECT_TRUE(opened.ok()) << opened.status().message();
        return std::move(opened.value());
    }

    // Runs `body` in a child process that then dies by SIGKILL; returns once it is dead and
    // collected.
    template <typename Body>
    static void in_killed_child(Body body) {
        const pid_t child = ::fork();
        if (child == 0) {
            body();
            ::raise(SIGKILL);
        }
        ASSERT_GT(child, 0);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    }

    test::TemporaryBoards boards_;
};

TEST_F(BoardTest, IsMadePrivateAndComplete) {
    const Board board = open();

    struct stat info {};

    ASSERT_EQ(::stat(boards_.board("cpu").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(static_cast<std::size_t>(info.st_size), kBoardBytes);
    EXPECT_EQ(board.header().magic, kMagic);
    EXPECT_STREQ(board.header().device, "cpu");
    // Nothing but the board is left in the folder.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(boards_.path()), {}), 1);
}

TEST_F(BoardTest, RefusesUnsafeNames) {
    for (const char* name : {"", "../cpu", "a/b", ".hidden", "with space", "a\nb"}) {
        EXPECT_EQ(Board::open(name).status().code(), Code::kInvalidArgument) << name;
    }
    EXPECT_EQ(Board::open(nullptr).status().code(), Code::kInvalidArgument);
    EXPECT_EQ(Board::open(std::string(200, 'x').c_str()).status().code(), Code::kInvalidArgument);
}

TEST_F(BoardTest, LeavesAForeignFileAlone) {
    const std::string garbage(kBoardBytes, 'x');
    for (const std::string& content : {garbage, garbage.substr(0, 100), std::string()}) {
        std::ofstream(boards_.board("cpu"), std::ios::trunc) << content;
        const Result<Board> opened = Board::open("cpu");
        EXPECT_EQ(opened.status().code(), Code::kCorrupt);
        EXPECT_NE(std::string(opened.status().message()).find("delete it"), std::string::npos);
        std::ifstream file(boards_.board("cpu"));
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), content);
    }
}

TEST_F(BoardTest, RefusesAnotherVersion) {
    open();
    const int fd = ::open(boards_.board("cpu").c_str(), O_RDWR | O_CLOEXEC);
    const std::uint32_t version = kLayoutVersion + 1;
    ASSERT_EQ(::pwrite(fd, &version, sizeof(version), offsetof(BoardHeader, version)), 4);
    ::close(fd);
    const Result<Board> opened = Board::open("cpu");
    EXPECT_EQ(opened.status().code(), Code::kCorrupt);
    EXPECT_NE(std::string(opened.status().message()).find("version"), std::string::npos);
}

TEST_F(BoardTest, RefusesAFolderThatOthersCanWrite) {
    ASSERT_EQ(::chmod(boards_.path().c_str(), 0777), 0);
    EXPECT_EQ(Board::open("cpu").status().code(), Code::kUnavailable);
    ASSERT_EQ(::chmod(boards_.path().c_str(), 0700), 0);
}

TEST_F(BoardTest, SaysWhatIsWrongWithTheFolder) {
    ::setenv("HEADWAY_BOARD_DIR", "/proc/no-such-place", 1);
    const Result<Board> opened = Board::open("cpu");
    EXPECT_EQ(opened.status().code(), Code::kUnavailable);
    EXPECT_NE(std::string(opened.status().message()).find("HEADWAY_BOARD_DIR"), std::string::npos);
    ::setenv("HEADWAY_BOARD_DIR", std::string(1000, 'x').c_str(), 1);
    EXPECT_EQ(Board::open("cpu").status().code(), Code::kInvalidArgument);
    ::setenv("HEADWAY_BOARD_DIR", boards_.path().c_str(), 1);
}

TEST_F(BoardTest, ManyCreatorsAtOnceShareOneBoard) {
    std::vector<std::thread> threads;
    std::atomic<int> attached{0};
    std::vector<Board> held(16);
    for (Board& board : held) {
        threads.emplace_back([&board, &attached] {
            board = open();
            attached += board.attach(0, "creator").ok() ? 1 : 0;
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(attached, 16);
    EXPECT_EQ(std::popcount(held[0].header().attached.load()), 16);
}

TEST_F(BoardTest, AttachShowsALaneAndDetachRemovesIt) {
    Board board = open();
    const std::uint64_t epoch = board.header().epoch.load();
    const Result<std::uint32_t> slot =
        board.attach(7, "a lane with a name that is much too long for it");
    ASSERT_TRUE(slot.ok());
    EXPECT_NE(board.header().epoch.load(), epoch);
    EXPECT_EQ(board.slot(slot.value()).priority.load(), 7);
    EXPECT_EQ(board.slot(slot.value()).name[kLaneNameBytes - 1], '\0');
    board.header().busy.fetch_or(1);
    board.detach(slot.value());
    EXPECT_EQ(board.header().attached.load(), 0U);
    EXPECT_EQ(board.header().busy.load(), 0U);
    board.detach(slot.value());  // twice does no harm
}

TEST_F(BoardTest, AFullBoardSaysSo) {
    Board board = open();
    for (std::uint32_t i = 0; i < kLaneCountMax; ++i)
        ASSERT_TRUE(board.attach(0, "x").ok());
    const Result<std::uint32_t> one_more = board.attach(0, "x");
    EXPECT_EQ(one_more.status().code(), Code::kFull);
    board.detach(13);
    EXPECT_EQ(board.attach(0, "x").value(), 13U);
}

TEST_F(BoardTest, ReapsTheDead) {
    Board board = open();
    in_killed_child([&board] { (void)board.attach(10, "victim"); });
    EXPECT_EQ(std::popcount(board.header().attached.load()), 1);
    EXPECT_EQ(board.reap(), 1U);
    EXPECT_EQ(board.header().attached.load(), 0U);
    EXPECT_EQ(board.reap(), 0U);
}

TEST_F(BoardTest, AZombieCountsAsDead) {
    Board board = open();
    const pid_t child = ::fork();
    if (child == 0) {
        (void)board.attach(10, "zombie");
        ::raise(SIGKILL);
    }
    siginfo_t info;
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(board.reap(), 1U);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST_F(BoardTest, AFullBoardOfTheDeadHasRoom) {
    Board board = open();
    in_killed_child([&board] {
        for (std::uint32_t i = 0; i < kLaneCountMax; ++i)
            (void)board.attach(0, "victim");
    });
    EXPECT_TRUE(board.attach(0, "survivor").ok());
    EXPECT_EQ(std::popcount(board.header().attached.load()), 1);
}

TEST_F(BoardTest, DeathInTheMiddleOfAttachingIsReaped) {
    Board board = open();
    in_killed_child([&board] { board.slot(0).owner.store(this_process()); });
    EXPECT_EQ(board.reap(), 1U);
    EXPECT_EQ(board.slot(0).owner.load(), 0U);
}

TEST_F(BoardTest, DeathInTheMiddleOfReapingIsReaped) {
    Board board = open();
    in_killed_child([&board] {
        (void)board.attach(0, "victim");
        board.header().attached.store(0);  // half cleared
    });
    EXPECT_EQ(board.reap(), 1U);
    EXPECT_TRUE(board.attach(0, "next").ok());
}

TEST_F(BoardTest, ALaneWithoutAnOwnerIsFreed) {
    Board board = open();
    board.header().attached.store(0xFF00);
    EXPECT_EQ(board.reap(), 8U);
    EXPECT_EQ(board.header().attached.load(), 0U);
}

TEST_F(BoardTest, AReusedProcessIdIsNotMistaken) {
    const ProcessWord self = this_process();
    EXPECT_TRUE(process_alive(self));
    EXPECT_FALSE(process_alive(self ^ 0x5A5A));  // same process id, another start time
    EXPECT_TRUE(
        process_alive(self ^ (std::uint64_t{1} << 40)));  // another namespace: can't be judged
    EXPECT_EQ(process_pid(self), static_cast<std::uint32_t>(::getpid()));
}

TEST_F(BoardTest, AForkedChildDoesNotDetachItsParentsLane) {
    Board board = open();
    const std::uint32_t slot = board.attach(0, "parent").value();
    in_killed_child([&] { board.detach(slot); });
    EXPECT_EQ(std::popcount(board.header().attached.load()), 1);
}

TEST_F(BoardTest, AttachAndDetachFromManyThreadsLoseNothing) {
    Board board = open();
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&board] {
            for (int i = 0; i < 200; ++i) {
                const Result<std::uint32_t> slot = board.attach(i % 3, "worker");
                ASSERT_TRUE(slot.ok());
                board.detach(slot.value());
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(board.header().attached.load(), 0U);
    for (std::uint32_t i = 0; i < kLaneCountMax; ++i)
        EXPECT_EQ(board.slot(i).owner.load(), 0U);
}

TEST_F(BoardTest, InspectShowsLanesAndBadFiles) {
    Board board = open();
    const std::uint32_t slot = board.attach(-3, "na\x1bme").value();
    board.slot(slot).gated.store(5);
    std::ofstream(boards_.board("broken")) << "not a board";
    const std::vector<BoardInfo> infos = list_boards(boards_.path());
    ASSERT_EQ(infos.size(), 2U);
    EXPECT_NE(infos[0].error, "");
    ASSERT_EQ(infos[1].lanes.size(), 1U);
    const LaneInfo& lane = infos[1].lanes[0];
    EXPECT_EQ(lane.name, "na?me");
    EXPECT_EQ(lane.priority, -3);
    EXPECT_TRUE(lane.alive);
    EXPECT_FALSE(lane.busy);
    EXPECT_EQ(lane.counters.at("gated"), 5U);
    EXPECT_EQ(lane.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_TRUE(list_boards("/no/such/folder").empty());
}

TEST(Env, ReadsNumbersAndFlagsCarefully) {
    std::int64_t number = 7;
    ::unsetenv("HEADWAY_TEST");
    EXPECT_EQ(env_number("HEADWAY_TEST", 0, 10, &number), EnvNumber::kUnset);
    for (const char* bad : {"x", "1x", "11", "-1", "99999999999999999999", "0x5", "1.5"}) {
        ::setenv("HEADWAY_TEST", bad, 1);
        EXPECT_EQ(env_number("HEADWAY_TEST", 0, 10, &number), EnvNumber::kInvalid) << bad;
    }
    EXPECT_EQ(number, 7);
    ::setenv("HEADWAY_TEST", "10", 1);
    EXPECT_EQ(env_number("HEADWAY_TEST", 0, 10, &number), EnvNumber::kValid);
    EXPECT_EQ(number, 10);
    EXPECT_FALSE(env_flag("HEADWAY_TEST"));
    ::setenv("HEADWAY_TEST", "1", 1);
    EXPECT_TRUE(env_flag("HEADWAY_TEST"));
    ::unsetenv("HEADWAY_TEST");
}

}  // namespace
}  // namespace headway::board
