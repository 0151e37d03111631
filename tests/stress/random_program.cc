// Threads that do at random what CUDA programs with lanes do: enter and leave lanes, open and close
// them, launch, copy, wait, ask, make and destroy streams and events, and fork. Every call must
// succeed, and the program must end. Linked to the shim, which HEADWAY_CUDA_DRIVER leads to the
// stand-in driver; under ThreadSanitizer it looks for races in both.
//
//   HEADWAY_STRESS_SECONDS  how long (2)
//   HEADWAY_STRESS_SEED     which random choices (1)
#include "headway/headway.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include "driver.h"
}

namespace {

using std::chrono::steady_clock;

constexpr int kThreads = 6;
constexpr int kSharedLanes = 3;
constexpr int kNotReady = 600;

std::array<Handle, 3> kernels;
Handle context;
std::array<headway_lane_t*, kSharedLanes> shared_lanes;
std::atomic<std::uint64_t> launch_count{0};
std::atomic<std::uint64_t> fork_count{0};

[[noreturn]] void fail(const std::string& what, int result) {
    std::fprintf(stderr, "%s: %d (%s)\n", what.c_str(), result, headway_last_error());
    std::_Exit(1);
}

void check(int result, const char* what) {
    if (result != 0) fail(what, result);
}

int number_from(const char* variable, int fallback) {
    const char* const text = std::getenv(variable);
    return text != nullptr ? std::atoi(text) : fallback;
}

headway_lane_t* open_lane(int priority) {
    headway_lane_options_t options;
    headway_lane_options_init(&options);
    options.device = VICTIM_DEVICE;
    options.priority = priority;
    options.max_hold_ms = 20;
    headway_lane_t* lane = nullptr;
    if (const headway_status_t status = headway_lane_open(&options, &lane); status != HEADWAY_OK)
        fail("headway_lane_open", status);
    return lane;
}

// What a forked child may do: nothing works there but nothing may hang or crash either.
int child_of_fork(Handle stream) {
    const int launched = cuLaunchKernel(kernels[0], 1, 1, 1, 1, 1, 1, 0, stream, nullptr, nullptr);
    headway_begin();
    headway_end();
    return launched == 0 ? 1 : 0;  // the driver refuses after a fork
}

class RandomThread {
 public:
    explicit RandomThread(unsigned seed) : random_(seed) {}

    void run(steady_clock::time_point end) {
        check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
        while (steady_clock::now() < end)
            step();
        // Half of the threads end inside their lanes.
        if (pick(2) == 0) {
            while (!entered_.empty())
                leave();
        }
        for (Handle stream : streams_)
            check(cuStreamDestroy_v2(stream), "cuStreamDestroy");
        if (own_lane_ != nullptr) headway_lane_close(own_lane_);
    }

 private:
    unsigned pick(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    Handle any_stream() {
        if (streams_.empty() || pick(3) == 0) return nullptr;
        return streams_[pick(static_cast<unsigned>(streams_.size()))];
    }

    void step() {
        const unsigned choice = pick(100);
        if (choice < 45) {
            launch();
        } else if (choice < 55) {
            check(cuStreamSynchronize(any_stream()), "cuStreamSynchronize");
        } else if (choice < 70) {
            lanes();
        } else if (choice < 85) {
            events();
        } else if (choice < 95) {
            streams();
        } else if (choice < 96) {
            fork_child();
        } else if (choice < 98) {
            check(cuCtxSynchronize(), "cuCtxSynchronize");
        } else {
            headway_begin();
            headway_end();
        }
    }

    void launch() {
        Handle const kernel = kernels[pick(static_cast<unsigned>(kernels.size()))];
        const auto form = pick(4) == 0 ? &cuLaunchKernel_ptsz : &cuLaunchKernel;
        check(form(kernel, 1 + pick(4), 1, 1, 32, 1, 1, 0, any_stream(), nullptr, nullptr),
              "cuLaunchKernel");
        launch_count.fetch_add(1, std::memory_order_relaxed);
    }

    void leave() {
        check(headway_lane_leave(entered_.back()), "headway_lane_leave");
        entered_.pop_back();
    }

    void lanes() {
        const unsigned choice = pick(8);
        if (choice < 3) {
            if (entered_.size() < 10) enter(shared_lanes[pick(kSharedLanes)]);
        } else if (choice < 5) {
            if (!entered_.empty()) leave();
        } else if (choice == 5) {
            replace_own_lane();
        } else if (choice == 6) {
            check(headway_lane_set_priority(shared_lanes[pick(kSharedLanes)],
                                            static_cast<int>(pick(11))),
                  "headway_lane_set_priority");
        } else {
            check(headway_lane_idle(shared_lanes[pick(kSharedLanes)]), "headway_lane_idle");
        }
    }

    void enter(headway_lane_t* lane) {
        check(headway_lane_enter(lane), "headway_lane_enter");
        entered_.push_back(lane);
    }

    // Closes the thread's own lane, inside of it or not, and opens another.
    void replace_own_lane() {
        if (own_lane_ != nullptr) headway_lane_close(own_lane_);
        while (!entered_.empty())
            leave();
        own_lane_ = open_lane(static_cast<int>(pick(11)));
        enter(own_lane_);
    }

    void events() {
        Handle event = nullptr;
        check(cuEventCreate(&event, 0), "cuEventCreate");
        launch();
        check(cuEventRecord(event, any_stream()), "cuEventRecord");
        const int asked = cuEventQuery(event);
        if (asked != 0 && asked != kNotReady) fail("cuEventQuery", asked);
        if (pick(2) == 0) check(cuEventSynchronize(event), "cuEventSynchronize");
        check(cuEventDestroy_v2(event), "cuEventDestroy");
    }

    // A stream may be destroyed with work on it.
    void streams() {
        if (streams_.size() < 5 && pick(2) == 0) {
            Handle stream = nullptr;
            check(cuStreamCreate(&stream, 1), "cuStreamCreate");
            streams_.push_back(stream);
        } else if (!streams_.empty()) {
            check(cuStreamDestroy_v2(streams_.back()), "cuStreamDestroy");
            streams_.pop_back();
        }
        const int asked = cuStreamQuery(any_stream());
        if (asked != 0 && asked != kNotReady) fail("cuStreamQuery", asked);
    }

    void fork_child() {
        const pid_t child = ::fork();
        if (child < 0) return;  // the machine has no room: not what this is about
        if (child == 0) ::_exit(child_of_fork(any_stream()));
        int status = -1;
        while (::waitpid(child, &status, 0) < 0) {
        }
        if (status != 0) fail("a forked child ended badly", status);
        fork_count.fetch_add(1, std::memory_order_relaxed);
    }

    std::mt19937 random_;
    std::vector<Handle> streams_;
    std::vector<headway_lane_t*> entered_;
    headway_lane_t* own_lane_ = nullptr;
};

void start_driver() {
    Handle module = nullptr;
    check(cuInit(0), "cuInit");
    check(cuDevicePrimaryCtxRetain(&context, 0), "cuDevicePrimaryCtxRetain");
    check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    check(cuModuleLoadData(&module, "image"), "cuModuleLoadData");
    const char* const names[] = {"short_20us", "middle_150us", "long_400us"};
    for (std::size_t i = 0; i < kernels.size(); ++i)
        check(cuModuleGetFunction(&kernels[i], module, names[i]), "cuModuleGetFunction");
}

}  // namespace

int main() {
    const int seconds = number_from("HEADWAY_STRESS_SECONDS", 2);
    const int seed = number_from("HEADWAY_STRESS_SEED", 1);
    // Whatever hangs is killed by this, and is then a failure.
    ::alarm(static_cast<unsigned>(seconds) + 40);
    std::string folder = std::filesystem::temp_directory_path() / "headway-stress-XXXXXX";
    ::setenv("HEADWAY_BOARD_DIR", ::mkdtemp(folder.data()), 1);
    start_driver();
    for (int i = 0; i < kSharedLanes; ++i)
        shared_lanes[static_cast<std::size_t>(i)] = open_lane(5 * i);
    const auto end = steady_clock::now() + std::chrono::seconds(seconds);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back(
            [=] { RandomThread(static_cast<unsigned>(seed * 1000 + i)).run(end); });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (headway_lane_t* lane : shared_lanes)
        headway_lane_close(lane);
    std::filesystem::remove_all(folder);
    std::printf("%llu launches, %llu forks\n",
                static_cast<unsigned long long>(launch_count.load()),
                static_cast<unsigned long long>(fork_count.load()));
    return launch_count.load() > 100 ? 0 : 1;
}
