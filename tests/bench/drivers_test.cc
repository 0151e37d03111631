// The load drivers against a server that only sleeps. Sleeping never ends early, so lower bounds
// are exact; upper bounds would fail on a busy machine and are left out.
#include "base/clock.h"
#include "bench/load/continuous.h"
#include "bench/load/open_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace headway::bench {
namespace {

MeasuredWindow window_from(std::uint64_t origin_ns, const ArrivalPlan& plan) {
    MeasuredWindow window;
    window.begin_ns = origin_ns + static_cast<std::uint64_t>(plan.warm_up_s * 1e9);
    window.end_ns = window.begin_ns + static_cast<std::uint64_t>(plan.duration_s * 1e9);
    return window;
}

const std::atomic<bool> kReached{true};

// Nobody else is there to wait for.
LoadEnd at_once() {
    return {[] {}, kReached};
}

OpenLoopResult drive(const ArrivalPlan& plan, std::chrono::milliseconds service) {
    ArrivalSchedule schedule(plan);
    const std::uint64_t origin_ns = now_ns();
    return run_open_loop(
        schedule,
        origin_ns,
        window_from(origin_ns, plan),
        [&] { std::this_thread::sleep_for(service); },
        at_once());
}

TEST(OpenLoop, MeasuresEveryRequestOfTheWindow) {
    const OpenLoopResult result =
        drive({Arrivals::kUniform, 50, 0.1, 0.4, 1}, std::chrono::milliseconds(2));
    ASSERT_EQ(result.latencies_ms.size(), 20U);
    EXPECT_EQ(result.unfinished, 0U);
    for (std::size_t i = 0; i < result.latencies_ms.size(); ++i) {
        EXPECT_GE(result.services_ms[i], 2);
        EXPECT_GE(result.latencies_ms[i], result.services_ms[i]);
        EXPECT_NEAR(result.arrivals_ms[i], 20.0 * static_cast<double>(i), 0.001);
    }
}

TEST(OpenLoop, CountsTheWaitBehindEarlierRequests) {
    // 75 ms of work every 50 ms: request i waits for 25 ms more than the one before.
    const OpenLoopResult result =
        drive({Arrivals::kUniform, 20, 0.001, 0.5, 1}, std::chrono::milliseconds(75));
    ASSERT_EQ(result.latencies_ms.size(), 10U);
    for (std::size_t i = 0; i < result.latencies_ms.size(); ++i) {
        EXPECT_GE(result.latencies_ms[i], 75 + 25.0 * static_cast<double>(i) - 0.001);
    }
}

TEST(OpenLoop, GivesUpWhenAWholeWindowBehind) {
    const OpenLoopResult result =
        drive({Arrivals::kUniform, 100, 0.001, 0.1, 1}, std::chrono::milliseconds(60));
    EXPECT_GT(result.unfinished, 0U);
    EXPECT_EQ(result.unfinished + result.latencies_ms.size(), 10U);
}

TEST(OpenLoop, KeepsTheLoadUpUntilTheCompetitorIsDone) {
    const ArrivalPlan plan = {Arrivals::kUniform, 100, 0.001, 0.05, 1};
    ArrivalSchedule schedule(plan);
    const std::uint64_t origin_ns = now_ns();
    const MeasuredWindow window = window_from(origin_ns, plan);
    std::atomic<bool> load_may_end{false};
    std::atomic<std::size_t> served{0};
    std::atomic<std::size_t> served_to_measure{SIZE_MAX};  // when all that counts is over
    std::thread competitor([&] {
        while (served_to_measure == SIZE_MAX || served < served_to_measure + 3)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        load_may_end.store(true);
    });
    const LoadEnd end = {[&] { served_to_measure = served.load(); }, load_may_end};
    const OpenLoopResult result = run_open_loop(
        schedule, origin_ns, window, [&] { ++served; }, end);
    competitor.join();
    EXPECT_EQ(result.latencies_ms.size() + result.unfinished, 5U);
    // The one of the warm-up, all that counts, and nothing after it.
    EXPECT_EQ(served_to_measure, 1 + result.latencies_ms.size());
    EXPECT_GE(served, served_to_measure + 3);
}

TEST(Continuous, CountsWholeIterationsOnly) {
    const MeasuredWindow window = {now_ns() + 30 * kNsPerMs, now_ns() + 130 * kNsPerMs};
    std::uint64_t begun_before = 0;
    std::uint64_t begun_inside = 0;
    const auto iterate = [&] {
        ++(now_ns() < window.begin_ns ? begun_before : begun_inside);
        std::this_thread::sleep_for(std::chrono::milliseconds(7));
    };
    const ContinuousResult result = run_continuously(window, iterate, at_once());
    EXPECT_GE(begun_before, 1U);
    EXPECT_EQ(result.iterations, begun_inside);
    EXPECT_GE(result.seconds, 0.007 * static_cast<double>(result.iterations));
}

TEST(Continuous, CountsAtLeastOne) {
    const MeasuredWindow past = {now_ns() - 2, now_ns() - 1};
    EXPECT_EQ(run_continuously(
                  past, [] {}, at_once())
                  .iterations,
              1U);
}

TEST(Continuous, KeepsTheLoadUpUncountedUntilTheCompetitorIsDone) {
    const MeasuredWindow past = {now_ns() - 2, now_ns() - 1};
    std::atomic<bool> load_may_end{false};
    int iterations = 0;
    int measured_after = 0;
    const auto iterate = [&] {
        if (++iterations == 4) load_may_end.store(true);
    };
    const LoadEnd end = {[&] { measured_after = iterations; }, load_may_end};
    EXPECT_EQ(run_continuously(past, iterate, end).iterations, 1U);
    EXPECT_EQ(measured_after, 1);
    EXPECT_EQ(iterations, 4);
}

}  // namespace
}  // namespace headway::bench
