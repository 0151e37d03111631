// What the tests of OpenCL programs share: running one natively or under the layer, and a lane of
// this process beside it.
#pragma once

#include "base/clock.h"
#include "board/board.h"
#include "tests/cli/process.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headway::test {

using Variables = std::map<std::string, std::string>;

inline constexpr int kNoPlatform = 77;

inline std::string program(const std::string& name) {
    return std::string(HEADWAY_OPENCL_PROGRAMS) + "/" + name;
}

// `seconds` is far more than it takes: a program that hangs must not hang the test.
inline Finished run(std::vector<std::string> words, Variables variables = {}, int seconds = 60) {
    words.insert(words.begin(), {"timeout", std::to_string(seconds)});
    return run_process(words, variables);
}

inline Variables layer(int priority = 0) {
    return {{"OPENCL_LAYERS", HEADWAY_OPENCL_LAYER},
            {"HEADWAY_STATS", "1"},
            {"HEADWAY_PRIORITY", std::to_string(priority)}};
}

// One of the numbers of the lines that a program under the layer prints at its end; -1: not there.
inline long counter(const Finished& finished, const std::string& name) {
    std::smatch match;
    const std::regex pattern("headway: lane.* " + name + " (\\d+)");
    return std::regex_search(finished.err, match, pattern) ? std::stol(match[1]) : -1;
}

// Without a platform there is nothing to test: ctest then counts the whole program as skipped.
class Platform final : public testing::Environment {
 public:
    void SetUp() override {
        if (run({program("opencl_life"), "early"}).status != kNoPlatform) return;
        std::puts("skipped: no OpenCL platform on this machine (Debian: pocl-opencl-icd)");
        std::exit(kNoPlatform);
    }
};

class OpenCl : public testing::Test {
 protected:
    void SetUp() override {
        ::setenv("POCL_CACHE_DIR", boards_.path().c_str(), 1);
        const Finished probe = run({program("opencl_life"), "early"}, layer());
        ASSERT_EQ(probe.status, 0) << probe.err;
        for (const auto& file : std::filesystem::directory_iterator(boards_.path())) {
            if (file.path().extension() == ".board") device_ = file.path().stem().string();
        }
        ASSERT_NE(device_, "");
    }

    // Another lane on the device, that of this process.
    void attach(int priority) {
        Result<board::Board> opened = board::Board::open(device_.c_str());
        ASSERT_TRUE(opened.ok()) << opened.status().message();
        board_ = std::move(opened.value());
        const Result<std::uint32_t> attached = board_.attach(priority, "neighbour");
        ASSERT_TRUE(attached.ok()) << attached.status().message();
        slot_ = attached.value();
    }

    // From now on everything below the other lane is held, for as long as its max_hold_ms.
    void turn_busy() {
        board_.slot(slot_).busy_until_ns.store(now_ns() + 600 * kNsPerS);
        board_.header().busy.fetch_or(std::uint64_t{1} << slot_);
    }

    void turn_idle() {
        board_.slot(slot_).busy_until_ns.store(0);
        board_.header().busy.fetch_and(~(std::uint64_t{1} << slot_));
    }

    void detach() { board_.detach(slot_); }

    // Whether a lane other than this process's has been held.
    bool has_held() {
        std::uint64_t others = board_.header().attached.load() & ~(std::uint64_t{1} << slot_);
        for (; others != 0; others &= others - 1) {
            const auto index = static_cast<std::uint32_t>(std::countr_zero(others));
            if (board_.slot(index).held.load() != 0) return true;
        }
        return false;
    }

    // Beside a higher lane that works until it has held the program once, and then one millisecond
    // in five. A program may enqueue for less than five milliseconds in all.
    Finished run_beside_rival(const std::vector<std::string>& words,
                              const Variables& variables,
                              int seconds) {
        attach(10);
        std::atomic<bool> done{false};
        std::thread rival([&] {
            turn_busy();
            while (!done.load() && !has_held())
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            while (!done.load()) {
                turn_busy();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                turn_idle();
                std::this_thread::sleep_for(std::chrono::milliseconds(4));
            }
        });
        Finished finished = run(words, variables, seconds);
        done.store(true);
        rival.join();
        detach();
        return finished;
    }

    // The program's output and status alone, beside a lower lane, and beside a higher one.
    void expect_unchanged(const std::vector<std::string>& words) {
        const Finished native = run(words);
        for (const int neighbour : {0, -10, 10}) {
            if (neighbour != 0) attach(neighbour);
            const Finished scheduled = run(words, layer());
            if (neighbour != 0) detach();
            EXPECT_EQ(scheduled.status, native.status) << neighbour << scheduled.err;
            EXPECT_EQ(scheduled.out, native.out) << neighbour;
            if (neighbour != 0) {
                EXPECT_GT(counter(scheduled, "gated"), 0) << scheduled.err;
            }
            if (neighbour > 0) {
                EXPECT_GT(counter(scheduled, "markers"), 0) << scheduled.err;
            }
            // Nobody is busy, so whatever ran into its deadline waited for itself.
            EXPECT_EQ(counter(scheduled, "timeouts"), 0) << neighbour << scheduled.err;
        }
    }

    TemporaryBoards boards_;
    std::string device_;
    board::Board board_;
    std::uint32_t slot_ = 0;
};

}  // namespace headway::test
