// What the gate costs a launch: alone on the board, with idle lanes beside it, and while a trace is
// recorded.
#include "base/clock.h"
#include "base/process.h"
#include "base/relax_processor.h"
#include "device/host.h"
#include "gate/lane.h"
#include "gate/thread_lane.h"
#include "tests/support/temporary_boards.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace headway::gate {
namespace {

// Takes progress and never runs anything: the cost of the gate without that of a driver.
class NullDevice final : public device::Device {
 public:
    bool synchronous() const noexcept override { return false; }

    Registration register_progress(std::atomic<std::uint32_t>*, std::uint32_t) noexcept override {
        return Registration::kDone;
    }

    void unregister_progress(std::atomic<std::uint32_t>*) noexcept override {}

    bool write_marker(device::StreamHandle,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override {
        word->store(value, std::memory_order_release);
        return true;
    }

    std::uint32_t give_way(Standing) noexcept override { return 0; }
};

std::vector<std::unique_ptr<Lane>> open_lanes(device::Device& device,
                                              std::int64_t count,
                                              std::int32_t priority) {
    std::vector<std::unique_ptr<Lane>> lanes;
    for (std::int64_t i = 0; i < count; ++i) {
        lanes.push_back(std::make_unique<Lane>(device, real_platform()));
        LaneOptions options;
        options.priority = priority;
        if (!lanes.back()->open(options).ok()) std::abort();
    }
    return lanes;
}

// state.range(0) lanes on the board in all: one of priority 0 that works, and idle ones of
// `priority`.
class Board {
 public:
    Board(benchmark::State& state, device::Device& device, std::int32_t priority)
        : others_(open_lanes(device, state.range(0) - 1, priority)),
          shared_(SharedLane::create(device, real_platform())) {
        if (!shared_->lane().open({}).ok()) std::abort();
        ThreadLane::current().enter(shared_);
    }

    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;
    Board(Board&&) = delete;
    Board& operator=(Board&&) = delete;

    ~Board() {
        ThreadLane::current().leave(shared_);
        shared_->lane().close();
        shared_->remove_user();
    }

    Lane& lane() { return shared_->lane(); }

 private:
    const test::TemporaryBoards boards_;
    std::vector<std::unique_ptr<Lane>> others_;
    SharedLane* shared_;
};

// headway_begin() and headway_end(): the thread's lane, then the gate.
void BM_SynchronousWork(benchmark::State& state) {
    device::HostDevice host;
    const Board board(state, host, 10);
    ThreadLane& thread = ThreadLane::current();
    for (auto _ : state) {
        thread.begin();
        thread.end();
    }
}

// before() and after() of a kernel whose cost is known, on a device that finishes it at once.
void launch_in(benchmark::State& state, std::int32_t priority) {
    NullDevice device;
    Board board(state, device, priority);
    Lane& lane = board.lane();
    const Launch launch{1, 0};
    lane.after(launch, lane.before(launch), true);
    for (auto _ : state) {
        if (lane.alone()) continue;
        lane.after(launch, lane.before(launch), true);
    }
}

void BM_LaunchBesideIdleHigherLanes(benchmark::State& state) {
    launch_in(state, 10);
}

void BM_LaunchBesideIdleLowerLanes(benchmark::State& state) {
    launch_in(state, -10);
}

// The same while a trace is recorded: nobody reads the ring, which costs the lane nothing more.
class Traced {
 public:
    Traced() : board_(std::move(board::Board::open("cpu").value())) {
        if (!board_.begin_trace(now_ns())) std::abort();
        thread_ = std::thread([this] {
            while (!end_.load(std::memory_order_relaxed)) {
                board_.header().tracer_beat_ns.store(now_ns(), std::memory_order_relaxed);
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
        });
    }

    Traced(const Traced&) = delete;
    Traced& operator=(const Traced&) = delete;
    Traced(Traced&&) = delete;
    Traced& operator=(Traced&&) = delete;

    ~Traced() {
        end_.store(true, std::memory_order_relaxed);
        thread_.join();
        board_.end_trace(this_process());
    }

 private:
    board::Board board_;
    std::atomic<bool> end_{false};
    std::thread thread_;
};

void BM_TracedSynchronousWork(benchmark::State& state) {
    device::HostDevice host;
    const Board board(state, host, 10);
    const Traced traced;
    ThreadLane& thread = ThreadLane::current();
    for (auto _ : state) {
        thread.begin();
        thread.end();
    }
}

void BM_TracedLaunchBesideIdleHigherLanes(benchmark::State& state) {
    NullDevice device;
    Board board(state, device, 10);
    const Traced traced;
    Lane& lane = board.lane();
    const Launch launch{1, 0};
    for (auto _ : state) {
        lane.after(launch, lane.before(launch), true);
    }
}

// Every launch begins and ends a span: the most that a trace can cost.
void BM_TracedLaunchAndIdle(benchmark::State& state) {
    NullDevice device;
    Board board(state, device, -10);
    const Traced traced;
    Lane& lane = board.lane();
    const Launch launch{1, 0};
    for (auto _ : state) {
        lane.after(launch, lane.before(launch), true);
        lane.idle();
    }
}

void BM_LaunchAndIdle(benchmark::State& state) {
    NullDevice device;
    Board board(state, device, -10);
    Lane& lane = board.lane();
    const Launch launch{1, 0};
    for (auto _ : state) {
        lane.after(launch, lane.before(launch), true);
        lane.idle();
    }
}

// Launches through its lane without a pause, and notes when it was let through last.
class Launcher {
 public:
    explicit Launcher(Lane& lane)
        : thread_([this, &lane](const std::stop_token& end) { run(lane, end); }) {}

    std::uint64_t wait_until_launched_after(std::uint64_t time_ns) const {
        std::uint64_t last_ns = 0;
        while ((last_ns = last_ns_.load(std::memory_order_acquire)) <= time_ns)
            relax_processor();
        return last_ns;
    }

 private:
    void run(Lane& lane, const std::stop_token& end) {
        const Launch launch{1, 0};
        while (!end.stop_requested()) {
            lane.after(launch, lane.before(launch), true);
            last_ns_.store(now_ns(), std::memory_order_release);
        }
    }

    std::atomic<std::uint64_t> last_ns_{0};
    std::jthread thread_;  // the last member: ended first
};

// The end of a request while a lower lane is held: the time is that of the higher lane's call;
// resume_us is when the lower one goes on after it, on average.
void BM_EndOfRequestBesideHeldLane(benchmark::State& state) {
    const auto length_ns = static_cast<std::uint64_t>(state.range(0)) * kNsPerUs;
    NullDevice device;
    const test::TemporaryBoards boards;
    const auto high = open_lanes(device, 1, 10);
    const auto low = open_lanes(device, 1, 1);
    const Launcher launcher(*low[0]);
    const Launch launch{1, 0};
    double resume_ns = 0;
    for (auto _ : state) {
        real_platform().pause_until(launcher.wait_until_launched_after(now_ns()) + 50 * kNsPerUs);
        high[0]->after(launch, high[0]->before(launch), true);
        real_platform().pause_until(now_ns() + length_ns);
        const std::uint64_t end_ns = now_ns();
        high[0]->idle();
        const std::uint64_t idle_ns = now_ns();
        state.SetIterationTime(static_cast<double>(idle_ns - end_ns) * 1e-9);
        resume_ns += static_cast<double>(launcher.wait_until_launched_after(end_ns) - end_ns);
    }
    state.counters["resume_us"] =
        benchmark::Counter(resume_ns * 1e-3, benchmark::Counter::kAvgIterations);
}

BENCHMARK(BM_EndOfRequestBesideHeldLane)->Arg(150)->Arg(2000)->UseManualTime()->Iterations(500);
BENCHMARK(BM_LaunchAndIdle)->Arg(2);
BENCHMARK(BM_TracedLaunchAndIdle)->Arg(2);
BENCHMARK(BM_TracedSynchronousWork)->Arg(1)->Arg(2);
BENCHMARK(BM_TracedLaunchBesideIdleHigherLanes)->Arg(1)->Arg(2);
BENCHMARK(BM_SynchronousWork)->Arg(1)->Arg(2)->Arg(8)->Arg(64);
BENCHMARK(BM_LaunchBesideIdleHigherLanes)->Arg(1)->Arg(2)->Arg(8)->Arg(64);
BENCHMARK(BM_LaunchBesideIdleLowerLanes)->Arg(1)->Arg(2)->Arg(8)->Arg(64);

}  // namespace
}  // namespace headway::gate
