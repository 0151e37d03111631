// Places where a board cannot be: the lane does not open, says why, and nothing crashes.
#include "headway/headway.hpp"
#include "tests/stress/neighbour.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstring>
#include <fstream>
#include <string>

namespace headway {
namespace {

using test::Neighbour;

constexpr int kSkipped = 77;

headway_status_t open_one() {
    headway_lane_options_t options;
    headway_lane_options_init(&options);
    headway_lane_t* lane = nullptr;
    const headway_status_t status = headway_lane_open(&options, &lane);
    headway_lane_close(lane);
    return status;
}

bool last_error_says(const char* text) {
    return std::strstr(headway_last_error(), text) != nullptr;
}

class PlacesTest : public ::testing::Test {
 protected:
    // Runs `check` in a process of its own where the board folder is a file system mounted like
    // this; `check` returns its exit status.
    template <typename Check>
    void on_mount(const char* options, unsigned long flags, const Check& check) {
        Neighbour inside([&](const Neighbour::Told&) {
            if (::unshare(CLONE_NEWNS) != 0 ||
                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                ::mount("none", boards_.path().c_str(), "tmpfs", flags, options) != 0) {
                ::_exit(kSkipped);
            }
            ::_exit(check());
        });
        const int status = inside.wait();
        if (status == kSkipped) GTEST_SKIP() << "mounting is not allowed here";
        EXPECT_EQ(status, 0);
    }

    test::TemporaryBoards boards_;
};

TEST_F(PlacesTest, AFullFileSystemIsAnErrorAndNoSignal) {
    on_mount("size=64k,mode=700", 0, [] {
        if (open_one() != HEADWAY_UNAVAILABLE) return 1;
        return last_error_says("No space left") ? 0 : 2;
    });
}

TEST_F(PlacesTest, AReadOnlyFileSystemIsAnError) {
    on_mount("size=1m,mode=700", MS_RDONLY, [] {
        if (open_one() != HEADWAY_UNAVAILABLE) return 1;
        return last_error_says("Read-only") ? 0 : 2;
    });
}

TEST_F(PlacesTest, AFileInPlaceOfTheFolderIsAnError) {
    const std::filesystem::path file = boards_.path() / "file";
    std::ofstream(file) << "not a folder";
    ::setenv("HEADWAY_BOARD_DIR", file.c_str(), 1);
    EXPECT_EQ(open_one(), HEADWAY_UNAVAILABLE);
    EXPECT_TRUE(last_error_says("not a folder")) << headway_last_error();
}

TEST_F(PlacesTest, AMissingParentIsAnErrorThatNamesTheVariable) {
    ::setenv("HEADWAY_BOARD_DIR", (boards_.path() / "missing" / "folder").c_str(), 1);
    EXPECT_EQ(open_one(), HEADWAY_UNAVAILABLE);
    EXPECT_TRUE(last_error_says("HEADWAY_BOARD_DIR")) << headway_last_error();
}

TEST_F(PlacesTest, APathThatIsTooLongIsAnError) {
    ::setenv("HEADWAY_BOARD_DIR", ("/tmp/" + std::string(5000, 'x')).c_str(), 1);
    EXPECT_NE(open_one(), HEADWAY_OK);
}

}  // namespace
}  // namespace headway
