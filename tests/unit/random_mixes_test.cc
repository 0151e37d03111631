// Programs drawn at random on a GPU that serves one process at a time, in virtual time: whatever
// they are, low work is not held for ever, and gets a fair part of what high leaves.
#include "base/clock.h"
#include "tests/unit/processes_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace headway::gate {
namespace {

constexpr std::uint64_t kEndNs = 3 * kNsPerS;

struct Mix {
    // A request: some launches, at the pace of the host.
    double period_ns;
    double jitter_ns;
    bool poisson;
    bool copies;  // waits for a short copy first
    std::uint64_t steps;
    std::uint64_t step_ns;
    std::uint64_t step_kernel_ns;
    // An iteration of each low program.
    int low_count;
    std::vector<std::uint64_t> kernels_ns;
    std::uint64_t host_ns;  // that a launch takes
    std::size_t ahead;      // kernels that the program leaves unfinished at its end

    std::uint64_t request_ns() const {
        return steps * std::max(step_ns, step_kernel_ns) + step_kernel_ns;
    }
};

class Draw {
 public:
    explicit Draw(std::uint64_t seed) : generator_(seed) {}

    // Every order of magnitude alike.
    double between(double least, double most) {
        return least * std::pow(most / least, std::uniform_real_distribution<>(0, 1)(generator_));
    }

    std::uint64_t whole(std::uint64_t least, std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(least, most)(generator_);
    }

    bool chance(double probability) { return std::bernoulli_distribution(probability)(generator_); }

 private:
    std::mt19937_64 generator_;
};

Mix draw_mix(std::uint64_t seed) {
    Draw draw(seed);
    Mix mix{};
    mix.period_ns = draw.between(2.5e6, 200e6);
    mix.jitter_ns = draw.chance(0.3) ? 0 : mix.period_ns * draw.between(0.001, 0.05);
    mix.poisson = draw.chance(0.3);
    mix.copies = draw.chance(0.5);
    mix.steps = draw.whole(1, 120);
    const double request_ns = std::min(mix.period_ns * draw.between(0.05, 0.55), 20e6);
    const double step_ns = std::max(request_ns / static_cast<double>(mix.steps), 5e3);
    mix.step_ns = static_cast<std::uint64_t>(step_ns);
    mix.step_kernel_ns =
        static_cast<std::uint64_t>(std::max(step_ns * draw.between(0.2, 0.9), 1e3));
    mix.low_count = draw.chance(0.7) ? 1 : static_cast<int>(draw.whole(2, 3));
    const double middle_ns = draw.between(5e3, 10e6);
    mix.kernels_ns.resize(draw.whole(1, 40));
    for (std::uint64_t& kernel_ns : mix.kernels_ns)
        kernel_ns = static_cast<std::uint64_t>(std::min(middle_ns * draw.between(0.3, 3), 12e6));
    mix.host_ns = draw.whole(3, 11) * kNsPerUs;
    mix.ahead = draw.chance(0.5) ? 3 : 0;
    return mix;
}

class RandomMixesTest : public ProcessesFixture, public testing::WithParamInterface<std::uint64_t> {
 protected:
    void request(Process& high) {
        if (mix_.copies) {
            launch_kernel(high, 1, 3 * kNsPerUs);
            synchronise(high);
        }
        for (std::uint64_t step = 0; step < mix_.steps; ++step) {
            launch_kernel(high, 2 + step % 10, mix_.step_kernel_ns);
            time.pause_until(time.now_ns() + mix_.step_ns);
        }
        synchronise(high);
    }

    void run_requests(Process& high) {
        time.add_actor([this, &high] {
            std::mt19937_64 generator{1};
            std::exponential_distribution<> pause(1 / mix_.period_ns);
            std::uniform_real_distribution<> late(0, 1);
            for (double next_ns = 0; time.now_ns() < kEndNs;) {
                const double late_ns = mix_.poisson ? 0 : mix_.jitter_ns * late(generator);
                const auto begin_ns = static_cast<std::uint64_t>(next_ns + late_ns);
                time.pause_until(std::max(time.now_ns(), begin_ns));
                request(high);
                request_count_ += 1;
                next_ns += mix_.poisson ? pause(generator) : mix_.period_ns;
            }
        });
    }

    void run_iterations(Process& low) {
        time.add_actor([this, &low] {
            while (time.now_ns() < kEndNs) {
                for (std::uint64_t i = 0; i < mix_.kernels_ns.size(); ++i) {
                    launch_kernel(low, 20 + i, mix_.kernels_ns[i]);
                    time.pause_until(time.now_ns() + mix_.host_ns);
                }
                low.device->synchronise(mix_.ahead);
            }
        });
    }

    // The time that high leaves, or less if low's hosts can't fill it.
    double wanted_ns() const {
        double kernels_ns = 0;
        for (const std::uint64_t kernel_ns : mix_.kernels_ns)
            kernels_ns += static_cast<double>(kernel_ns);
        const double hosts_ns = static_cast<double>(mix_.host_ns * mix_.kernels_ns.size());
        const double busy_ns = static_cast<double>(mix_.request_ns() * request_count_);
        return (static_cast<double>(kEndNs) - busy_ns) *
               std::min(1.0, mix_.low_count * kernels_ns / hosts_ns);
    }

    const Mix mix_ = draw_mix(GetParam());
    std::uint64_t request_count_ = 0;
};

TEST_P(RandomMixesTest, StarveNobody) {
    run_requests(add(10));
    std::vector<Process*> lows;
    for (int i = 0; i < mix_.low_count; ++i) {
        lows.push_back(&add(1));
        run_iterations(*lows.back());
    }
    double done_ns = 0;
    time.at(kEndNs, [&] {
        for (const Process* low : lows)
            done_ns += static_cast<double>(low->device->done_ns());
    });
    ASSERT_TRUE(time.run(kEndNs + kLimitNs));
    for (const Process* low : lows)
        EXPECT_EQ(board_.slot(low->slot).hold_timeouts.load(), 0U);
    EXPECT_GE(done_ns / wanted_ns(), 0.4);
    RecordProperty("low_permille", static_cast<int>(1000 * done_ns / wanted_ns()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMixesTest, testing::Range<std::uint64_t>(1, 61));

}  // namespace
}  // namespace headway::gate
