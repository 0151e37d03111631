// The lane on a real board, in virtual time: what is held, for how long, and what it is told.
#include "device/host.h"
#include "tests/unit/lane_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <vector>

namespace headway::gate {
namespace {

class LaneTest : public LaneFixture {
 protected:
    std::unique_ptr<Lane> open_host(const LaneOptions& options) { return open(options, host); }

    // One synchronous piece of work of that length.
    void work(Lane& lane, std::uint64_t length_ns) {
        if (lane.alone()) {
            lane.count_passed(1);
            time.pause_until(time.now_ns() + length_ns);
            return;
        }
        const Pass pass = lane.before({});
        time.pause_until(time.now_ns() + length_ns);
        lane.after({}, pass, true);
    }

    device::HostDevice host;
};

TEST_F(LaneTest, AnEqualThatWasKilledIsReapedAndTheLaneAloneAgain) {
    auto lane = open_host({});
    const pid_t child = fork();
    if (child == 0) {
        Lane other(host, time);
        if (!other.open({}).ok()) _exit(1);
        raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    lane->before({});
    EXPECT_FALSE(lane->alone());
    time.add_actor([&] {
        for (int i = 0; i < 3000 && !lane->alone(); ++i)
            work(*lane, kNsPerMs);
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_TRUE(lane->alone());
}

TEST_F(LaneTest, OptionsOutOfRangeAreNamed) {
    LaneOptions options;
    options.priority = 256;
    EXPECT_NE(std::string(options.validate().message()).find("priority"), std::string::npos);
    options = {};
    options.batch_size = 5;
    EXPECT_NE(std::string(options.validate().message()).find("batch_size"), std::string::npos);
    options = {};
    options.threshold = 0;
    EXPECT_FALSE(options.validate().ok());
    options = {};
    options.max_hold_ms = 0;
    EXPECT_FALSE(options.validate().ok());
    options = {};
    options.budget_us = 0;
    EXPECT_FALSE(options.validate().ok());
    options = {};
    options.linger_us = 1'000'001;
    EXPECT_FALSE(options.validate().ok());
    EXPECT_TRUE(LaneOptions{}.validate().ok());
}

TEST_F(LaneTest, AloneAfterItsFirstLaunch) {
    const auto lane = open_host(with_priority(0));
    EXPECT_FALSE(lane->alone());  // nobody has looked yet
    lane->before({});
    EXPECT_TRUE(lane->alone());
    const auto other = open_host(with_priority(0));
    EXPECT_FALSE(lane->alone());
    other->close();
    lane->before({});
    EXPECT_TRUE(lane->alone());
}

TEST_F(LaneTest, LowWaitsForHighToEndItsRequest) {
    const auto high = open_host(with_priority(10));
    const auto low = open_host(with_priority(1));
    std::uint64_t high_end = 0;
    std::uint64_t low_start = 0;
    time.add_actor([&] {
        for (int op = 0; op < 20; ++op) {
            work(*high, kNsPerMs);
            time.pause_until(time.now_ns() + 10 * kNsPerUs);
        }
        high_end = time.now_ns();
    });
    time.add_actor(
        [&] {
            const Pass pass = low->before({});
            low_start = time.now_ns();
            low->after({}, pass, true);
        },
        5 * kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_GE(low_start, high_end);
    EXPECT_LE(low_start, high_end + 3 * kNsPerMs);  // the linger and one look
    EXPECT_EQ(counter(*low, &board::LaneSlot::held), 1U);
    EXPECT_EQ(counter(*high, &board::LaneSlot::held), 0U);
    EXPECT_GT(counter(*low, &board::LaneSlot::hold_ns), 10 * kNsPerMs);
    EXPECT_EQ(low->view().held_since_ns.load(), 0U);
}

TEST_F(LaneTest, HighNeverWaitsForLow) {
    const auto high = open_host(with_priority(10));
    const auto low = open_host(with_priority(1));
    std::uint64_t waited = 0;
    time.add_actor([&] { work(*low, 50 * kNsPerMs); });
    time.add_actor(
        [&] {
            const std::uint64_t start = time.now_ns();
            const Pass pass = high->before({});
            waited = time.now_ns() - start;
            high->after({}, pass, true);
        },
        kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_EQ(waited, 0U);
}

TEST_F(LaneTest, EqualsDoNotHoldEachOther) {
    const auto one = open_host(with_priority(5));
    const auto two = open_host(with_priority(5));
    time.add_actor([&] { work(*one, 10 * kNsPerMs); });
    time.add_actor([&] { work(*two, 10 * kNsPerMs); });
    ASSERT_TRUE(time.run(12 * kNsPerMs));
    EXPECT_EQ(counter(*one, &board::LaneSlot::held) + counter(*two, &board::LaneSlot::held), 0U);
}

TEST_F(LaneTest, IdleEndsAHoldAtOnce) {
    LaneOptions options = with_priority(10);
    options.linger_us = 1'000'000;
    const auto high = open_host(options);
    const auto low = open_host(with_priority(1));
    std::uint64_t low_start = 0;
    time.add_actor([&] {
        work(*high, 3 * kNsPerMs);
        high->idle();
    });
    time.add_actor(
        [&] {
            low->after({}, low->before({}), true);
            low_start = time.now_ns();
        },
        kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LT(low_start, 4 * kNsPerMs);
}

TEST_F(LaneTest, AHoldEndsByItsBoundAndLetsOneWindowThrough) {
    LaneOptions options = with_priority(1);
    options.max_hold_ms = 50;
    const auto high = open_host(with_priority(10));
    const auto low = open_host(options);
    std::vector<std::uint64_t> starts;
    time.add_actor([&] { work(*high, 400 * kNsPerMs); });  // never lets go
    time.add_actor(
        [&] {
            for (int i = 0; i < 8; ++i) {
                work(*low, kNsPerUs);
                starts.push_back(time.now_ns());
            }
        },
        kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_NEAR(static_cast<double>(starts[0]), 51e6, 1e6);
    EXPECT_LT(starts[3] - starts[0], kNsPerMs);  // a window of four
    EXPECT_NEAR(static_cast<double>(starts[4] - starts[3]), 50e6, 1e6);
    EXPECT_EQ(counter(*low, &board::LaneSlot::hold_timeouts), 2U);
}

TEST_F(LaneTest, AStoppedHighProcessHoldsOnlyUntilItsLeaseEnds) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    std::uint64_t low_start = 0;
    time.add_actor([&] { high->before({1, 0}); });  // launches, and is never heard of again
    time.add_actor(
        [&] {
            low->before({2, 0});
            low_start = time.now_ns();
        },
        kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LE(low_start, 7 * kNsPerMs);
}

TEST_F(LaneTest, PriorityChangesAreSeenByAHeldLane) {
    const auto high = open_host(with_priority(10));
    const auto low = open_host(with_priority(1));
    std::uint64_t low_start = 0;
    time.add_actor([&] { work(*high, 400 * kNsPerMs); });
    time.add_actor(
        [&] {
            low->before({});
            low_start = time.now_ns();
        },
        kNsPerMs);
    time.add_actor([&] { EXPECT_TRUE(low->set_priority(20).ok()); }, 30 * kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_NEAR(static_cast<double>(low_start), 30e6, 2e6);
    EXPECT_FALSE(low->set_priority(-257).ok());
}

TEST_F(LaneTest, ClosingHighReleasesLow) {
    const auto high = open_host(with_priority(10));
    const auto low = open_host(with_priority(1));
    std::uint64_t low_start = 0;
    high->before({});
    time.add_actor([&] { high->close(); }, 7 * kNsPerMs);
    time.add_actor(
        [&] {
            low->before({});
            low_start = time.now_ns();
        },
        kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_NEAR(static_cast<double>(low_start), 7e6, 1e6);
}

TEST_F(LaneTest, WithoutABoardLaunchesAreBypassed) {
    Lane lane(host, time);
    LaneOptions options;
    options.disabled = true;
    ASSERT_TRUE(lane.open(options).ok());
    EXPECT_FALSE(lane.alone());
    lane.after({}, lane.before({}), true);
    lane.after({}, lane.before({}), true);
    EXPECT_EQ(counter(lane, &board::LaneSlot::bypassed), 2U);
    EXPECT_EQ(counter(lane, &board::LaneSlot::gated), 0U);
    EXPECT_FALSE(std::filesystem::exists(boards_.board("cpu")));
}

TEST_F(LaneTest, LaunchesAfterCloseAreBypassedAndCountersStay) {
    const auto high = open_host(with_priority(10));
    const auto low = open_host(with_priority(1));
    const Pass pass = high->before({});
    high->close();
    high->after({}, pass, true);  // ends after close: nothing to settle, nothing broken
    high->before({});
    EXPECT_EQ(counter(*high, &board::LaneSlot::gated), 1U);
    EXPECT_EQ(counter(*high, &board::LaneSlot::bypassed), 1U);
    EXPECT_FALSE(low->alone());
    low->before({});
    EXPECT_TRUE(low->alone());
}

TEST_F(LaneTest, AForkedLaneTakesASlotOfItsOwn) {
    const auto high = open_host(with_priority(10));
    const auto lane = open_host(with_priority(1));
    const Pass parents = lane->before({});
    lane->forked();
    EXPECT_FALSE(lane->alone());
    lane->after({}, parents, true);  // the parent's work is not the child's
    lane->before({});
    const Result<board::Board> board = board::Board::open("cpu");
    EXPECT_EQ(std::popcount(board.value().header().attached.load()), 3);
}

// Another process with a lane on the board, until the object goes.
class OtherProcess {
 public:
    OtherProcess(device::Device& device, Platform& platform, std::int32_t priority) {
        int ready[2] = {-1, -1};
        if (pipe(ready) != 0) return;
        pid_ = fork();
        if (pid_ == 0) {
            Lane lane(device, platform);
            const bool opened = lane.open(with_priority(priority)).ok();
            if (write(ready[1], opened ? "y" : "n", 1) != 1) _exit(1);
            for (;;)
                pause();
        }
        char answer = 'n';
        opened_ = read(ready[0], &answer, 1) == 1 && answer == 'y';
        ::close(ready[0]);
        ::close(ready[1]);
    }

    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    OtherProcess(OtherProcess&&) = delete;
    OtherProcess& operator=(OtherProcess&&) = delete;

    ~OtherProcess() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

    bool opened() const { return opened_; }

 private:
    pid_t pid_ = -1;
    bool opened_ = false;
};

TEST_F(LaneTest, TheDeviceIsToldWhenAnotherProcessOutranksThisOne) {
    const auto low = open(with_priority(1), gpu);
    const auto look = [&] {
        low->after({1, 0}, low->before({1, 0}), false);
        return gpu.gave_way;
    };
    EXPECT_FALSE(look());
    const auto here = open(with_priority(10), gpu);
    EXPECT_FALSE(look());  // of the same process: no timeslice helps
    here->close();
    {
        const OtherProcess high(host, time, 10);
        ASSERT_TRUE(high.opened());
        EXPECT_TRUE(look());
        EXPECT_EQ(low->view().timeslice_us.load(), 20U);
        for (const std::int32_t priority : {0, 1}) {
            // Outranked as before, but not the only one: of two with short timeslices neither
            // might get anything done.
            const OtherProcess also_low(host, time, priority);
            ASSERT_TRUE(also_low.opened());
            EXPECT_TRUE(look());
            EXPECT_EQ(low->view().timeslice_us.load(), 0U);
        }
        board::Board::open("cpu").value().reap();
        EXPECT_TRUE(look());
        EXPECT_EQ(low->view().timeslice_us.load(), 20U);
        const auto mine = open(with_priority(20), gpu);
        EXPECT_FALSE(look());
    }
    board::Board::open("cpu").value().reap();
    EXPECT_FALSE(look());
    EXPECT_EQ(low->view().timeslice_us.load(), 0U);
}

TEST_F(LaneTest, TheDeviceIsToldWhetherThisProcessIsInTheWay) {
    const auto low = open(with_priority(1), gpu);
    const OtherProcess high(host, time, 10);
    ASSERT_TRUE(high.opened());
    const board::Board board = std::move(board::Board::open("cpu").value());
    board::LaneSlot& rival = board.slot(1);
    ASSERT_NE(rival.owner.load(), low->view().owner.load());
    // Seconds of launches: the lane looks once a second.
    const auto run = [&](std::uint64_t kernel_ns, bool regular, std::uint64_t for_s = 2) {
        time.add_actor([&, kernel_ns, regular, for_s] {
            const std::uint64_t end_ns = time.now_ns() + for_s * kNsPerS;
            while (time.now_ns() < end_ns) {
                rival.expected_ns.store(regular ? time.now_ns() + 50 * kNsPerMs : 0);
                rival.period_us.store(100'000);
                const Launch launch{kernel_ns, 0};
                const Pass pass = low->before(launch);
                gpu.launch(0, kernel_ns);
                low->after(launch, pass, true);
            }
        });
        EXPECT_TRUE(time.run(time.now_ns() + kLimitNs));
        EXPECT_TRUE(gpu.gave_way);
        return gpu.in_the_way;
    };
    EXPECT_TRUE(run(kNsPerMs, false)) << "requests that nobody expects";
    EXPECT_FALSE(run(kNsPerMs, true));
    EXPECT_EQ(low->view().timeslice_us.load(), 0U);
    EXPECT_TRUE(run(8 * kNsPerMs, true)) << "kernels that are too long to wait";
    EXPECT_EQ(low->view().timeslice_us.load(), 20U);
    EXPECT_TRUE(run(kNsPerMs, true)) << "there may be more of those";
    run(kNsPerMs, true);
    EXPECT_FALSE(run(kNsPerMs, true));
    EXPECT_FALSE(run(kNsPerMs, false, 1)) << "a row that may only have stumbled";
    EXPECT_TRUE(run(kNsPerMs, false));
}

TEST_F(LaneTest, TheWindowLimitsWhatIsOnTheDevice) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    std::uint64_t backlog_max = 0;
    std::uint64_t end_ns = 0;
    time.add_actor([&] {
        for (int i = 0; i < 1000; ++i) {
            const Launch launch{1, 0};
            const Pass pass = low->before(launch);
            if (i > 10) backlog_max = std::max(backlog_max, gpu.backlog_ns());
            gpu.launch(0, kNsPerMs);
            low->after(launch, pass, true);
        }
        end_ns = time.now_ns() + gpu.backlog_ns();
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LE(backlog_max, 60 * kNsPerUs);                   // the budget
    EXPECT_LE(end_ns, gpu.busy_ns() + gpu.busy_ns() / 100);  // and the device was never left idle
}

TEST_F(LaneTest, TinyKernelsKeepTheDeviceBusyWithFewMarkers) {
    const auto high = open(with_priority(10), gpu);
    LaneOptions options = with_priority(1);
    options.budget_us = 200;
    const auto low = open(options, gpu);
    std::uint64_t end_ns = 0;
    constexpr int kLaunches = 20'000;
    time.add_actor([&] {
        for (int i = 0; i < kLaunches; ++i) {
            const Launch launch{1, 0};
            const Pass pass = low->before(launch);
            gpu.launch(0, 5 * kNsPerUs);
            low->after(launch, pass, true);
            time.pause_until(time.now_ns() + 3 * kNsPerUs);  // the launch itself
        }
        end_ns = time.now_ns() + gpu.backlog_ns();
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LE(end_ns, gpu.busy_ns() + gpu.busy_ns() / 50);
    EXPECT_LE(counter(*low, &board::LaneSlot::markers), kLaunches / 15U);
}

// A lane that outranks another says so with each launch; that is no reason to learn nothing.
TEST_F(LaneTest, ALaneInTheMiddleLearnsFromItsFirstLaunchAfterAPause) {
    const auto high = open(with_priority(10), gpu);
    const auto middle = open(with_priority(5), gpu);
    const auto low = open(with_priority(1), gpu);
    time.add_actor([&] {
        for (int i = 0; i < 100; ++i) {
            const Pass pass = middle->before({1, 0});
            const std::uint64_t end_ns = gpu.launch(0, 50 * kNsPerUs);
            middle->after({1, 0}, pass, true);
            time.pause_until(end_ns + kNsPerUs);
            middle->idle();
            time.pause_until(time.now_ns() + kNsPerMs);
        }
    });
    ASSERT_TRUE(time.run(kLimitNs));
    // Unknown, it would need one each time.
    EXPECT_LE(counter(*middle, &board::LaneSlot::markers), 10U);
}

TEST_F(LaneTest, ADeviceThatLosesMarkersCostsABoundedWait) {
    LaneOptions options = with_priority(1);
    options.max_hold_ms = 20;
    const auto high = open(with_priority(10), gpu);
    const auto low = open(options, gpu);
    gpu.lose_markers = true;
    std::uint64_t longest = 0;
    time.add_actor([&] {
        for (int i = 0; i < 20; ++i) {
            const std::uint64_t start = time.now_ns();
            const Pass pass = low->before({1, 0});
            longest = std::max(longest, time.now_ns() - start);
            low->after({1, 0}, pass, true);
        }
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LE(longest, 21 * kNsPerMs);
    EXPECT_GT(counter(*low, &board::LaneSlot::hold_timeouts), 0U);
}

TEST_F(LaneTest, ADeviceThatRefusesMarkersMeansNoWindow) {
    test::VirtualDevice unregistrable{time};
    unregistrable.registration = device::Device::Registration::kRefused;
    const auto high = open(with_priority(10), gpu);
    const auto unregistered = open(with_priority(1), unregistrable);
    const auto refused = open(with_priority(1), gpu);
    gpu.accept_markers = false;
    std::uint64_t end_ns = 0;
    time.add_actor([&] {
        for (Lane* lane : {unregistered.get(), refused.get()}) {
            for (int i = 0; i < 100; ++i) {
                const Pass pass = lane->before({1, 0});
                gpu.launch(0, kNsPerMs);
                lane->after({1, 0}, pass, true);
            }
        }
        end_ns = time.now_ns();
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LT(end_ns, kNsPerMs);  // nothing waited
    EXPECT_EQ(counter(*refused, &board::LaneSlot::markers), 0U);
}

TEST_F(LaneTest, RegistrationIsTriedAgainWhenItMustWait) {
    gpu.registration = device::Device::Registration::kNotNow;
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    const auto launch = [&] {
        const Pass pass = low->before({1, 0});
        low->after({1, 0}, pass, true);
    };
    time.add_actor([&] {
        launch();
        EXPECT_EQ(counter(*low, &board::LaneSlot::markers), 0U);
        gpu.registration = device::Device::Registration::kDone;
        launch();
        EXPECT_EQ(counter(*low, &board::LaneSlot::markers), 1U);
    });
    ASSERT_TRUE(time.run(kLimitNs));
}

TEST_F(LaneTest, AWaitForTheDeviceKeepsTheLaneBusy) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    std::uint64_t low_start = 0;
    time.add_actor([&] {
        high->after({1, 0}, high->before({1, 0}), true);
        const Pass wait = high->begin_wait();
        time.pause_until(40 * kNsPerMs);  // far beyond the lease of a launch
        high->end_wait(wait, true);
    });
    time.add_actor(
        [&] {
            low->before({2, 0});
            low_start = time.now_ns();
        },
        kNsPerMs);
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_NEAR(static_cast<double>(low_start), 40e6, 1e5);
}

TEST_F(LaneTest, ABlockingCallNeverCountsInTheWindow) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    const Launch copy{1, 0, true};
    time.add_actor([&] {
        for (int i = 0; i < 100; ++i)
            low->after(copy, low->before(copy), true);
        EXPECT_LT(time.now_ns(), kNsPerMs);
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_EQ(counter(*low, &board::LaneSlot::markers), 0U);
}

}  // namespace
}  // namespace headway::gate
