// Lanes of several processes with one priority on a device that serves one at a time, in virtual
// time: while a higher lane is there they use it in shifts.
#include "board/shift.h"

#include "base/clock.h"
#include "base/process.h"
#include "tests/unit/processes_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

namespace headway::gate {
namespace {

constexpr std::uint64_t kEndNs = 1000 * kNsPerMs;
constexpr std::int32_t kLow = 1;
constexpr std::int32_t kHigh = 10;

TEST(Shift, IsOneWord) {
    for (const board::Shift& shift : {board::Shift{0, false, 5 * kNsPerUs},
                                      board::Shift{63, true, 123'456'789 * kNsPerMs},
                                      board::Shift{}}) {
        EXPECT_EQ(board::shift_of(board::shift_word(shift)), shift);
    }
    EXPECT_EQ(board::shift_of(0).slot, board::Shift::kNobody);
    EXPECT_EQ(board::shift_of(UINT64_MAX).slot, board::Shift::kNobody);
    EXPECT_FALSE(board::shift_of(UINT64_MAX).of_any(UINT64_MAX));
    EXPECT_EQ((board::Shift{1, false, kNsPerS}.age_ns(1)), UINT64_MAX);
}

// A process that runs a model: iterations of `kernels` launches, each with a wait for its end.
struct Program {
    int kernels = 150;
    std::uint64_t kernel_ns = 80 * kNsPerUs;
    std::uint64_t pause_ns = 0;  // between two iterations
    std::uint64_t begin_ns = 0;
    std::uint64_t end_ns = kEndNs;
};

class ShiftTest : public ProcessesFixture {
 protected:
    void run_program(Process& process, const Program& program) {
        time.add_actor(
            [this, &process, program] {
                while (time.now_ns() < program.end_ns && !process.dead) {
                    for (int kernel = 0; kernel < program.kernels && !process.dead; ++kernel)
                        launch(process, kernel, program.kernel_ns);
                    if (process.dead) return;
                    synchronise(process);
                    process.iteration_end_ns = time.now_ns();
                    time.pause_until(time.now_ns() + program.pause_ns);
                }
            },
            program.begin_ns);
    }

    void launch(Process& process, int kernel, std::uint64_t length_ns) {
        launch_kernel(process, static_cast<std::uint64_t>(kernel % 40) + 1, length_ns);
        time.pause_until(time.now_ns() + 4 * kNsPerUs);
    }

    // Has the process launch a short kernel at `at_ns`. *out_ns: when it had come to that.
    void launch_once(Process& process, std::uint64_t at_ns, std::uint64_t* out_ns) {
        time.add_actor(
            [this, &process, out_ns] {
                launch(process, 0, kNsPerUs);
                *out_ns = time.now_ns();
            },
            at_ns);
    }

    // That many kernels of 50 us, and a wait for their end. Returns how long that took.
    std::uint64_t request(Process& process, int kernels) {
        const std::uint64_t begin_ns = time.now_ns();
        for (int kernel = 0; kernel < kernels; ++kernel)
            launch(process, kernel, 50 * kNsPerUs);
        synchronise(process);
        return time.now_ns() - begin_ns;
    }

    struct Requests {
        std::uint64_t count = 0;
        std::uint64_t longest_ns = 0;
    };

    // Of 8 ms, 40 ms after each other, until the end.
    Requests run_requests(Process& process) {
        Requests requests;
        while (time.now_ns() < kEndNs) {
            time.pause_until(time.now_ns() + 40 * kNsPerMs);
            requests.longest_ns = std::max(requests.longest_ns, request(process, 160));
            requests.count += 1;
        }
        return requests;
    }

    // What the lanes of that priority got done by the end; `out_least_share`: the least as a part
    // of the most.
    std::uint64_t done_ns(std::int32_t priority, double* out_least_share = nullptr) const {
        std::uint64_t sum = 0;
        std::uint64_t least = UINT64_MAX;
        std::uint64_t most = 1;
        for (const auto& process : processes_) {
            if (process->priority != priority) continue;
            const std::uint64_t done = process->done_ns;
            sum += done;
            least = std::min(least, done);
            most = std::max(most, done);
        }
        if (out_least_share != nullptr)
            *out_least_share = static_cast<double>(least) / static_cast<double>(most);
        return sum;
    }

    std::uint64_t longest_call_ns() const {
        std::uint64_t longest = 0;
        for (const auto& process : processes_)
            longest = std::max(longest, process->longest_call_ns);
        return longest;
    }

    std::uint64_t sum(std::atomic<std::uint64_t> board::LaneSlot::*field) const {
        std::uint64_t sum = 0;
        for (const auto& process : processes_)
            sum += counter(*process->lane, field);
        return sum;
    }

    void run() {
        time.at(kEndNs, [this] {
            for (const auto& process : processes_)
                process->done_ns = process->device->done_ns();
        });
        ASSERT_TRUE(time.run(kLimitNs));
    }
};

TEST_F(ShiftTest, EightEqualsGetAsMuchDoneAsOneAlone) {
    add(kHigh);  // idle
    for (int i = 0; i < 8; ++i)
        run_program(add(kLow), {});
    run();
    double least_share = 0;
    EXPECT_GE(done_ns(kLow, &least_share), kEndNs * 95 / 100);
    RecordProperty("done_ms", static_cast<int>(done_ns(kLow) / kNsPerMs));
    RecordProperty("changes", static_cast<int>(gpu_.change_count()));
    RecordProperty("least_share_percent", static_cast<int>(100 * least_share));
    EXPECT_GE(least_share, 0.8);
    EXPECT_LE(longest_call_ns(), 150 * kNsPerMs);
    EXPECT_EQ(sum(&board::LaneSlot::hold_timeouts), 0U);
}

// Each waits for the end of its work every 2 ms, and goes on a moment later.
TEST_F(ShiftTest, AWaitNowAndThenKeepsTheShift) {
    add(kHigh);
    const Program program = {.kernels = 40, .kernel_ns = 50 * kNsPerUs, .pause_ns = 40 * kNsPerUs};
    for (int i = 0; i < 8; ++i)
        run_program(add(kLow), program);
    run();
    double least_share = 0;
    EXPECT_GE(done_ns(kLow, &least_share), kEndNs * 92 / 100);
    EXPECT_GE(least_share, 0.8);
    RecordProperty("done_ms", static_cast<int>(done_ns(kLow) / kNsPerMs));
    RecordProperty("changes", static_cast<int>(gpu_.change_count()));
}

TEST_F(ShiftTest, WithoutShiftsTheDeviceChangesAllTheTime) {
    gpu_.one_at_a_time = false;
    add(kHigh);
    for (int i = 0; i < 8; ++i)
        run_program(add(kLow), {});
    run();
    RecordProperty("done_ms", static_cast<int>(done_ns(kLow) / kNsPerMs));
    RecordProperty("changes", static_cast<int>(gpu_.change_count()));
    EXPECT_LE(done_ns(kLow), kEndNs * 80 / 100);
    EXPECT_EQ(sum(&board::LaneSlot::held), 0U);
    EXPECT_EQ(board_.header().busy.load(), 0U);
    EXPECT_EQ(board_.header().shift.load(), 0U);
}

TEST_F(ShiftTest, EqualsThatNobodyOutranksAreNotGated) {
    add(kLow - 1);  // lower: it is held, and holds nobody
    Process& one = add(kLow);
    Process& two = add(kLow);
    run_program(one, {.end_ns = kEndNs / 10});
    run_program(two, {.end_ns = kEndNs / 10});
    run();
    EXPECT_EQ(sum(&board::LaneSlot::held), 0U);
    EXPECT_EQ(sum(&board::LaneSlot::markers), 0U);
    EXPECT_EQ(board_.header().shift.load(), 0U);
}

TEST_F(ShiftTest, ThreadsOfOneProcessShareIt) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    set_owner(two, one.lane->view().owner);
    run_program(one, {.end_ns = kEndNs / 10});
    run_program(two, {.end_ns = kEndNs / 10});
    run();
    EXPECT_EQ(sum(&board::LaneSlot::held), 0U);
    EXPECT_EQ(board_.header().shift.load(), 0U);
}

TEST_F(ShiftTest, ARequestOfAHigherLaneComesFirst) {
    Process& high = add(kHigh);
    for (int i = 0; i < 4; ++i)
        run_program(add(kLow), {});
    Requests requests;
    time.add_actor([&] { requests = run_requests(high); });
    run();
    EXPECT_EQ(high.longest_call_ns, 0U);
    // Its 8 ms, and changes: to it at first, and with each of its timeslices to what low had on the
    // device, and back.
    EXPECT_LE(requests.longest_ns, 9500 * kNsPerUs);
    double least_share = 0;
    EXPECT_GE(done_ns(kLow, &least_share) + high.done_ns, kEndNs * 93 / 100);
    EXPECT_GE(least_share, 0.8);
    EXPECT_EQ(sum(&board::LaneSlot::hold_timeouts), 0U);
    // Two for a request, one for a shift, of which the half end early with an iteration.
    EXPECT_LE(gpu_.change_count(), 2 * requests.count + 200);
    RecordProperty("changes", static_cast<int>(gpu_.change_count()));
}

// A higher lane always comes in the shift of the same one, which it does not lose by that.
TEST_F(ShiftTest, TheTimeOfAHigherLaneIsNobodysShift) {
    Process& high = add(kHigh);
    Process& unlucky = add(kLow);
    Process& other = add(kLow);
    const Program program = {.kernels = 1000, .kernel_ns = 50 * kNsPerUs};
    run_program(unlucky, program);
    run_program(other, program);
    std::uint64_t since_ns = 0;
    time.add_actor([&] {
        while (time.now_ns() < kEndNs) {
            time.pause_until(time.now_ns() + 100 * kNsPerUs);
            const board::Shift shift = board::shift_of(board_.header().shift.load());
            const bool again = shift.since_ns < since_ns + 15 * kNsPerMs;
            if (shift.slot != unlucky.slot || again || shift.age_ns(time.now_ns()) < 2 * kNsPerMs)
                continue;
            since_ns = shift.since_ns;
            request(high, 160);
        }
    });
    run();
    double least_share = 0;
    EXPECT_GE(done_ns(kLow, &least_share) + high.done_ns, kEndNs * 93 / 100);
    EXPECT_GE(least_share, 0.8);
}

// Launches, and is never heard of again: stopped, or killed and not found dead yet.
TEST_F(ShiftTest, OneThatStopsIsReplacedWhenItsLeaseEnds) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    std::uint64_t two_begin_ns = 0;
    time.add_actor([&] { launch(one, 0, 100 * kNsPerUs); });
    launch_once(two, kNsPerMs, &two_begin_ns);
    run();
    EXPECT_GE(two_begin_ns, 5 * kNsPerMs);
    EXPECT_LE(two_begin_ns, 6 * kNsPerMs);
}

// Killed in a hold, it is given the shift before anybody has found it dead.
TEST_F(ShiftTest, OneThatIsDeadLosesItsShiftsAtOnce) {
    add(kHigh);
    for (int i = 0; i < 4; ++i)
        run_program(add(kLow), {});
    const pid_t child = fork();
    if (child == 0) _exit(0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    Process& dead = add(kLow);
    const std::uint32_t slot = dead.slot;
    board_.slot(slot).held_since_ns = 1;
    const auto killed = [this, slot, child] {
        board_.slot(slot).owner =
            make_process_word(static_cast<std::uint32_t>(child), this_process() >> 32, 1);
        board_.slot(slot).image = 1;
    };
    time.add_actor(killed, 100 * kNsPerMs);
    run();
    EXPECT_GE(done_ns(kLow), kEndNs * 94 / 100);
    EXPECT_EQ(board_.header().attached.load() >> slot & 1, 0U);
}

TEST_F(ShiftTest, OneThatIsIdleGivesItUp) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    run_program(one, {.kernels = 30, .end_ns = 2});  // one iteration of 2.4 ms
    std::uint64_t two_begin_ns = 0;
    launch_once(two, kNsPerMs, &two_begin_ns);
    run();
    const std::uint64_t one_end_ns = one.iteration_end_ns;
    EXPECT_GE(two_begin_ns, one_end_ns);
    EXPECT_LE(two_begin_ns, one_end_ns + 100 * kNsPerUs);
}

// One has the shift, and waits for its device without end; two comes a millisecond later.
TEST_F(ShiftTest, OneThatHangsLosesIt) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    std::uint64_t two_begin_ns = 0;
    time.add_actor([&] {
        launch(one, 0, kNsPerUs);
        one.lane->begin_wait();
    });
    launch_once(two, kNsPerMs, &two_begin_ns);
    run();
    EXPECT_GE(two_begin_ns, 99 * kNsPerMs);
    EXPECT_LE(two_begin_ns, 101 * kNsPerMs);
}

TEST_F(ShiftTest, OneThatIsNoEqualAnyMoreLosesIt) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    std::uint64_t two_begin_ns = 0;
    time.add_actor([&] {
        launch(one, 0, kNsPerUs);
        one.lane->begin_wait();
        time.pause_until(3 * kNsPerMs);
        EXPECT_TRUE(one.lane->set_priority(kLow - 1).ok());
    });
    launch_once(two, kNsPerMs, &two_begin_ns);
    run();
    EXPECT_GE(two_begin_ns, 3 * kNsPerMs);
    EXPECT_LE(two_begin_ns, 4 * kNsPerMs);
}

TEST_F(ShiftTest, OneThatClosesGivesItUp) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    std::uint64_t two_begin_ns = 0;
    time.add_actor([&] {
        launch(one, 0, kNsPerUs);
        time.pause_until(2 * kNsPerMs);
        set_owner(one, this_process());  // it leaves only its own slot
        one.lane->close();
    });
    launch_once(two, kNsPerMs, &two_begin_ns);
    run();
    EXPECT_GE(two_begin_ns, 2 * kNsPerMs);
    EXPECT_LE(two_begin_ns, 3 * kNsPerMs);
}

TEST_F(ShiftTest, ALongKernelKeepsTheShift) {
    add(kHigh);
    Process& one = add(kLow);
    Process& two = add(kLow);
    const Program program = {.kernels = 4, .kernel_ns = 9 * kNsPerMs};
    run_program(one, program);
    run_program(two, program);
    run();
    double least_share = 0;
    EXPECT_GE(done_ns(kLow, &least_share), kEndNs * 95 / 100);
    EXPECT_GE(least_share, 0.8);
    EXPECT_LE(gpu_.change_count(), 130U);
}

TEST_F(ShiftTest, AnyWordHoldsNobodyForLong) {
    constexpr std::uint64_t kMaxHoldMs = 40;
    add(kHigh);
    for (int i = 0; i < 4; ++i)
        run_program(add(kLow, kMaxHoldMs), {});
    time.add_actor([&] {
        std::mt19937_64 random(5);
        while (time.now_ns() < kEndNs) {
            std::uint64_t word = random();
            if (random() % 2 == 0) {
                const auto slot = static_cast<std::uint32_t>(random() % 6);
                const std::uint64_t since_ns = time.now_ns() + random() % kNsPerS;
                const std::uint64_t back_ns = std::min(since_ns, random() % kNsPerS);
                word = board::shift_word({slot, random() % 2 == 0, since_ns - back_ns});
            }
            board_.header().shift.store(word);
            time.pause_until(time.now_ns() + random() % (2 * kNsPerMs));
        }
    });
    run();
    // The hold, the drain before it, and the window.
    EXPECT_LE(longest_call_ns(), kMaxHoldMs * 2 * kNsPerMs);
    EXPECT_GE(done_ns(kLow), kEndNs / 20);
}

// One whose shift is over again as soon as it has given it.
TEST_F(ShiftTest, AWordThatComesBackHoldsNobodyForLong) {
    constexpr std::uint64_t kMaxHoldMs = 40;
    add(kHigh);
    Process& one = add(kLow, kMaxHoldMs);
    Process& two = add(kLow, kMaxHoldMs);
    run_program(one, {});
    run_program(two, {});
    time.add_actor([&] {
        while (time.now_ns() < kEndNs) {
            time.pause_until(time.now_ns() + 10 * kNsPerUs);
            const std::uint64_t age_ns = std::min(time.now_ns(), 500 * kNsPerMs);
            board_.header().shift = board::shift_word({one.slot, false, time.now_ns() - age_ns});
        }
    });
    run();
    EXPECT_LE(longest_call_ns(), kMaxHoldMs * 2 * kNsPerMs);
    EXPECT_GT(one.done_ns, kNsPerMs);
    EXPECT_GT(two.done_ns, kNsPerMs);
}

TEST_F(ShiftTest, ALaneOfAnotherPriorityTakesItOver) {
    add(kHigh);
    Process& middle = add(kLow + 1);
    Process& other_middle = add(kLow + 1);
    for (int i = 0; i < 2; ++i)
        run_program(add(kLow), {});
    const Program rare = {.kernels = 50, .pause_ns = 30 * kNsPerMs};
    run_program(middle, rare);
    run_program(other_middle, rare);
    run();
    EXPECT_LE(middle.longest_call_ns, 25 * kNsPerMs);
    EXPECT_GE(done_ns(kLow) + done_ns(kLow + 1), kEndNs * 78 / 100);
    EXPECT_GE(done_ns(kLow + 1), kEndNs / 10);
}

TEST_F(ShiftTest, WhoAlwaysRunsWhileOthersComeAndGoLetsThemIn) {
    add(kHigh);
    Process& steady = add(kLow);
    Process& rare = add(kLow);
    run_program(steady, {.kernels = 100'000});  // never waits
    run_program(rare, {.kernels = 20, .pause_ns = 20 * kNsPerMs});
    time.add_actor([&] { steady.dead = true; }, kEndNs);
    run();
    EXPECT_LE(rare.longest_call_ns, 15 * kNsPerMs);
    EXPECT_GE(rare.done_ns, 30 * kNsPerMs);
}

}  // namespace
}  // namespace headway::gate
