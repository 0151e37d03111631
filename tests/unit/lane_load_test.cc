// The lane under loads of whole programs, in virtual time: launch-bound ones, and loops over
// tokens.
#include "base/clock.h"
#include "tests/unit/lane_fixture.h"

#include <algorithm>
#include <array>
#include <random>

namespace headway::gate {
namespace {

class LaneLoadTest : public LaneFixture {};

// A launch-bound program: 160 kernels an iteration, which take the device about as long as the host
// takes to launch them, and a host that stumbles now and then. `device_part`: device time / host
// time.
struct LaunchBound {
    explicit LaunchBound(double device_part) {
        for (std::uint64_t& length_ns : kernel_ns) {
            const double mean_ns = generator() % 4 == 0 ? 22'000 : 6'000;  // 10 us on average
            length_ns = static_cast<std::uint64_t>(device_part * mean_ns);
        }
        for (std::uint64_t& key : keys)
            key = generator();
    }

    std::uint64_t host_ns() {
        const std::uint64_t usual_ns = 8 * kNsPerUs + generator() % (4 * kNsPerUs);
        return generator() % 400 == 0 ? usual_ns + 300 * kNsPerUs : usual_ns;
    }

    // How long the launches take with nobody in between.
    std::uint64_t native_ns(int launches) {
        std::uint64_t host = 0;
        std::uint64_t device = 0;
        for (int i = 0; i < launches; ++i) {
            device = std::max(device, host) + kernel_ns[static_cast<std::size_t>(i) % 160];
            host += host_ns();
        }
        return std::max(host, device);
    }

    std::mt19937_64 generator{7};
    std::array<std::uint64_t, 160> kernel_ns{};
    std::array<std::uint64_t, 160> keys{};  // with no order in them, like hashes of addresses
};

TEST_F(LaneLoadTest, ALaunchBoundLaneBesideAnIdleRivalIsHardlySlowed) {
    constexpr int kLaunches = 30'000;
    for (const double device_part : {0.5, 0.9, 1.0, 1.1, 1.4}) {
        test::VirtualTime clock;
        test::VirtualDevice device(clock);
        Lane high(device, clock);
        Lane low(device, clock);
        ASSERT_TRUE(high.open(with_priority(10)).ok() && low.open(with_priority(1)).ok());
        LaunchBound program(device_part);
        std::uint64_t end_ns = 0;
        std::uint64_t backlog_ns = 0;
        int on_credit_count = 0;
        clock.add_actor([&] {
            for (int i = 0; i < kLaunches; ++i) {
                const auto kernel = static_cast<std::size_t>(i) % 160;
                const Launch launch{program.keys[kernel], 0};
                const bool on_credit = low.try_credit(launch);
                on_credit_count += on_credit ? 1 : 0;
                const Pass pass = on_credit ? Pass{} : low.before(launch);
                device.launch(0, program.kernel_ns[kernel]);
                low.after(launch, pass, true);
                clock.pause_until(clock.now_ns() + program.host_ns());
                // The window holds, give or take what a host's stumble and the credit are worth.
                backlog_ns = std::max(backlog_ns, device.backlog_ns());
            }
            end_ns = clock.now_ns() + device.backlog_ns();
        });
        ASSERT_TRUE(clock.run(kLimitNs));
        const auto native = static_cast<double>(LaunchBound(device_part).native_ns(kLaunches));
        EXPECT_LE(static_cast<double>(end_ns) / native, 1.05) << "device part " << device_part;
        // Where the device is faster than the host it runs dry between two launches, and there is
        // little to confirm.
        const unsigned launches_per_marker = device_part < 1.0 ? 50 : 20;
        EXPECT_LE(counter(low, &board::LaneSlot::markers), kLaunches / launches_per_marker)
            << device_part;
        EXPECT_LE(backlog_ns, 650 * kNsPerUs) << device_part;
        // Where the device is faster than the host, most launches need no look.
        if (device_part < 1.0) {
            EXPECT_GT(on_credit_count, kLaunches * 3 / 4) << device_part;
        }
    }
}

// How often a lower lane got in between two steps of a loop that looks at each result.
int launches_between_tokens(Lane& high,
                            Lane& low,
                            test::VirtualTime& time,
                            test::VirtualDevice& gpu) {
    constexpr int kRequests = 16;
    constexpr int kTokens = 50;
    bool in_request = false;
    bool done = false;
    int between = 0;
    time.add_actor([&] {
        for (int request = 0; request < kRequests; ++request) {
            for (int token = 0; token < kTokens; ++token) {
                in_request = request >= kRequests / 2 && token > 0;  // it has learned by then
                high.after({1, 0}, high.before({1, 0}), true);
                const std::uint64_t end_ns = gpu.launch(0, 200 * kNsPerUs);
                const Pass wait = high.begin_wait();
                time.pause_until(end_ns);
                high.end_wait(wait, true);
                time.pause_until(time.now_ns() + 60 * kNsPerUs);  // the host picks the token
            }
            in_request = false;
            time.pause_until(time.now_ns() + 20 * kNsPerMs);
        }
        done = true;
    });
    time.add_actor([&] {
        while (!done) {
            const Pass pass = low.before({2, 0});
            between += in_request ? 1 : 0;
            gpu.launch(0, 250 * kNsPerUs);
            low.after({2, 0}, pass, true);
        }
    });
    EXPECT_TRUE(time.run(kLimitNs));
    return between;
}

TEST_F(LaneLoadTest, ALoopThatLooksAtEachResultIsNotCutApart) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    EXPECT_LE(launches_between_tokens(*high, *low, time, gpu), 20);
    EXPECT_GT(counter(*low, &board::LaneSlot::gated), 1000U);  // and low works between requests
}

TEST_F(LaneLoadTest, AProgramThatKeepsAskingDoesNotStayBusy) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    launches_between_tokens(*high, *low, time, gpu);
    std::uint64_t low_start = 0;
    test::VirtualTime& clock = time;
    const std::uint64_t begin_ns = clock.now_ns();
    clock.add_actor([&] {
        high->after({1, 0}, high->before({1, 0}), true);
        for (int i = 0; i < 1000; ++i) {
            high->seen_complete();
            clock.pause_until(clock.now_ns() + 50 * kNsPerUs);
        }
    });
    clock.add_actor(
        [&] {
            low->before({2, 0});
            low_start = clock.now_ns();
        },
        begin_ns + kNsPerUs);
    ASSERT_TRUE(clock.run(begin_ns + kLimitNs));
    EXPECT_LE(low_start, begin_ns + 2 * kNsPerMs);
}

// One launch of 40 ms, far longer than the lease of a launch, and a program that asks every 2 ms.
TEST_F(LaneLoadTest, AProgramThatAsksAboutLongWorkStaysBusy) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    std::uint64_t low_start = 0;
    const std::uint64_t begin_ns = time.now_ns();
    const std::uint64_t end_ns = begin_ns + 40 * kNsPerMs;
    time.add_actor([&] {
        high->seen_running();  // nothing was launched yet, so nothing is held by that
        const Pass pass = high->before({1, 0});
        gpu.launch(0, 40 * kNsPerMs);
        high->after({1, 0}, pass, true);
        while (time.now_ns() < end_ns) {
            high->seen_running();
            time.pause_until(time.now_ns() + 2 * kNsPerMs);
        }
        high->seen_complete();
        high->seen_running();  // of another stream, say: the lane's own work is complete
    });
    time.add_actor(
        [&] {
            low->before({2, 0});
            low_start = time.now_ns();
        },
        begin_ns + kNsPerUs);
    ASSERT_TRUE(time.run(begin_ns + kLimitNs));
    EXPECT_GE(low_start, end_ns);
    EXPECT_LE(low_start, end_ns + 2 * kNsPerMs);
}

TEST_F(LaneLoadTest, WithALingerOfItsOwnALaneEndsWithItsWork) {
    LaneOptions options = with_priority(10);
    options.linger_us = 0;
    const auto high = open(options, gpu);
    const auto low = open(with_priority(1), gpu);
    EXPECT_GT(launches_between_tokens(*high, *low, time, gpu), 300);
}

// A program that is called back when its work is complete, and neither waits nor asks: when low
// gets in, after `requests` requests of which each is launched `pause_ns` after the end of the
// last.
std::uint64_t start_of_low(test::VirtualTime& time,
                           test::VirtualDevice& gpu,
                           Lane& high,
                           Lane& low,
                           std::uint64_t work_ns,
                           std::uint64_t* out_end_ns) {
    std::uint64_t low_start_ns = 0;
    time.add_actor([&high, &gpu, &time, work_ns, out_end_ns] {
        const Pass pass = high.before({1, 0});
        *out_end_ns = gpu.launch(0, work_ns);
        high.after({1, 0}, pass, true);
        high.await(0);
        high.await(0);  // one more function: nothing new to wait for
        time.pause_until(*out_end_ns + 50 * kNsPerMs);
    });
    time.add_actor(
        [&low, &time, &low_start_ns] {
            low.after({2, 0}, low.before({2, 0}), true);
            low_start_ns = time.now_ns();
        },
        time.now_ns() + kNsPerUs);
    EXPECT_TRUE(time.run(time.now_ns() + kLimitNs));
    return low_start_ns;
}

TEST_F(LaneLoadTest, AProgramThatIsCalledBackStaysBusyUntilThen) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    for (int request = 0; request < 20; ++request) {
        std::uint64_t end_ns = 0;
        const std::uint64_t low_start_ns =
            start_of_low(time, gpu, *high, *low, 40 * kNsPerMs, &end_ns);
        EXPECT_GE(low_start_ns, end_ns) << request;
        EXPECT_LE(low_start_ns, end_ns + kNsPerMs) << request;
    }
    EXPECT_EQ(counter(*high, &board::LaneSlot::markers), 20U);
}

TEST_F(LaneLoadTest, ALostCallbackHoldsNobodyForLong) {
    LaneOptions patient = with_priority(1);
    patient.max_hold_ms = 5000;
    const auto high = open(with_priority(10), gpu);
    const auto low = open(patient, gpu);
    gpu.lose_markers = true;
    std::uint64_t end_ns = 0;
    const std::uint64_t low_start_ns = start_of_low(time, gpu, *high, *low, kNsPerMs, &end_ns);
    EXPECT_LE(low_start_ns, 1010 * kNsPerMs);
    // With the device's memory the marker goes, too.
    high->after({1, 0}, high->before({1, 0}), true);
    high->await(0);
    high->device_reset();
    EXPECT_EQ(high->view().awaited.load(), 0U);
}

TEST_F(LaneLoadTest, ALoopOfShortWorkAndCallbacksNeedsFewMarkers) {
    const auto high = open(with_priority(10), gpu);
    const auto low = open(with_priority(1), gpu);
    time.add_actor([&] {
        for (int i = 0; i < 1000; ++i) {
            high->after({1, 0}, high->before({1, 0}), true);
            const std::uint64_t end_ns = gpu.launch(0, 100 * kNsPerUs);
            high->await(0);
            time.pause_until(end_ns + 20 * kNsPerUs);
        }
    });
    ASSERT_TRUE(time.run(kLimitNs));
    EXPECT_LE(counter(*high, &board::LaneSlot::markers), 10U);
}

// One thread of a lane has short kernels without end, one has long ones: there is always room in
// the window for another short kernel, and for a long one only when the device is nearly done.
TEST_F(LaneLoadTest, AThreadWithLongKernelsGetsItsTurnBesideOneWithShortOnes) {
    const auto high = open(with_priority(10), gpu);  // idle
    const auto low = open(with_priority(1), gpu);
    constexpr std::uint64_t kEndNs = 2000 * kNsPerMs;
    const auto keep_launching = [&](const Launch& launch, std::uint64_t kernel_ns, int* count) {
        std::uint64_t longest_wait_ns = 0;
        while (time.now_ns() < kEndNs) {
            const std::uint64_t begin_ns = time.now_ns();
            if (!low->try_credit(launch)) {
                const Pass pass = low->before(launch);
                gpu.launch(launch.stream, kernel_ns);
                low->after(launch, pass, true);
            } else {
                gpu.launch(launch.stream, kernel_ns);
            }
            *count += 1;
            longest_wait_ns = std::max(longest_wait_ns, time.now_ns() - begin_ns);
            time.pause_until(time.now_ns() + 5 * kNsPerUs);
        }
        return longest_wait_ns;
    };
    int long_count = 0;
    int short_count = 0;
    std::uint64_t long_wait_ns = 0;
    std::uint64_t short_wait_ns = 0;
    time.add_actor([&] { long_wait_ns = keep_launching({1, 1}, 7 * kNsPerMs, &long_count); });
    time.add_actor([&] { short_wait_ns = keep_launching({2, 2}, 100 * kNsPerUs, &short_count); });
    ASSERT_TRUE(time.run(kEndNs + kLimitNs));
    EXPECT_LE(long_wait_ns, 20 * kNsPerMs);
    EXPECT_LE(short_wait_ns, 20 * kNsPerMs);
    // Each gets a good part of the device, which nobody leaves idle.
    EXPECT_GT(long_count * 7, 600);
    EXPECT_GT(short_count, 1500);
    EXPECT_GE(gpu.busy_ns(), kEndNs * 98 / 100);
    EXPECT_EQ(counter(*low, &board::LaneSlot::hold_timeouts), 0U);
}

// Requests that come evenly, each of 1.2 ms; between them a GPU-bound program of small kernels
// whose host stumbles for longer than the window is deep.
struct EvenRequests {
    double low_part = 0;           // of the time between requests, that low used the device
    std::uint64_t backlog_ns = 0;  // low's, that a request found at most
};

EvenRequests run_even_requests(Lane& high,
                               Lane& low,
                               test::VirtualTime& time,
                               test::VirtualDevice& gpu,
                               std::uint64_t period_ns) {
    constexpr int kRequests = 120;
    constexpr int kLearned = 20;
    constexpr std::uint64_t kStepNs = 20 * kNsPerUs;
    constexpr int kSteps = 60;
    const std::uint64_t end_ns = kRequests * period_ns;
    std::uint64_t low_ns = 0;
    EvenRequests result;
    time.add_actor([&] {
        for (int request = 0; request < kRequests; ++request) {
            time.pause_until(static_cast<std::uint64_t>(request) * period_ns);
            if (request >= kLearned)
                result.backlog_ns = std::max(result.backlog_ns, gpu.backlog_ns());
            for (int step = 0; step < kSteps; ++step) {
                high.after({1, 0}, high.before({1, 0}), true);
                gpu.launch(0, 8 * kNsPerUs);
                time.pause_until(time.now_ns() + kStepNs);
            }
            const Pass wait = high.begin_wait();
            time.pause_until(time.now_ns() + gpu.backlog_ns());
            high.end_wait(wait, true);
        }
    });
    time.add_actor([&] {
        std::mt19937_64 generator{3};
        for (int i = 0; time.now_ns() < end_ns; ++i) {
            const std::uint64_t kernel = generator() % 60;
            const std::uint64_t kernel_ns = (10 + kernel) * kNsPerUs;
            const Launch launch{100 + kernel, 1};
            const bool on_credit = low.try_credit(launch);
            const Pass pass = on_credit ? Pass{} : low.before(launch);
            gpu.launch(1, kernel_ns);
            low_ns += kernel_ns;
            if (!on_credit) low.after(launch, pass, true);
            const std::uint64_t stumble_ns = i % 100 == 0 ? kNsPerMs : 0;
            time.pause_until(time.now_ns() + 12 * kNsPerUs + stumble_ns);
        }
    });
    EXPECT_TRUE(time.run(end_ns + kLimitNs));
    const std::uint64_t left_ns = end_ns - kRequests * kSteps * kStepNs;
    result.low_part = static_cast<double>(low_ns) / static_cast<double>(left_ns);
    return result;
}

TEST_F(LaneLoadTest, WorkRunsDeepUntilARequestIsExpected) {
    for (const std::uint64_t period_ms : {5U, 50U}) {
        test::VirtualTime clock;
        test::VirtualDevice device(clock);
        Lane high(device, clock);
        Lane low(device, clock);
        ASSERT_TRUE(high.open(with_priority(10)).ok() && low.open(with_priority(1)).ok());
        const EvenRequests result =
            run_even_requests(high, low, clock, device, period_ms * kNsPerMs);
        EXPECT_GE(result.low_part, 0.96) << period_ms;
        // What a request finds is bounded by the window as ever, and by less where it is worth
        // waiting for.
        EXPECT_LE(result.backlog_ns, (period_ms == 5 ? 550 : 250) * kNsPerUs) << period_ms;
    }
}

}  // namespace
}  // namespace headway::gate
