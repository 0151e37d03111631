// A CUDA program that submits a deep queue of low work, short requests of high work, or both, and
// writes down when it submits what. Linked to libcuda.so.1 and, for lanes of threads, to
// libheadway.
//
//   gpu_load both lanes|plain shared|own [LOWS]
//                                          a high thread and one or more low ones in one process;
//                                          with lanes of their own or without; on the default
//                                          stream or on one each
//   gpu_load low                           deep queue until SIGTERM; tells every 10th launch
//   gpu_load high REQUESTS [asking|called] requests, 20 ms apart; of 20 ms each, if the program
//   asks
//                                          for their end or is called by the driver, and does not
//                                          wait
//   gpu_load busy                          one launch and a synchronise, again and again, for ever
//   gpu_load once                          one launch and a synchronise
//   gpu_load streams COUNT                 streams that are destroyed with work on them
//   gpu_load two-gpus                      launches on the first device, then on the second
//   gpu_load per-thread SECONDS            two threads on the per-thread default stream
//   gpu_load nothing                       no CUDA call at all
#include "headway/headway.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include "driver.h"
}

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kRequestKernels = 20;  // of 100 us
constexpr int kRequests = 15;
constexpr int kNotReady = 600;  // CUDA_ERROR_NOT_READY, and HIP's

// Without lanes, all the low kernels of 1 ms in one run of both threads: what the low one queues up
// before the high one's few requests.
constexpr int kPlainLaunches = 1500;
constexpr int kPlainRequests = 3;

// With lanes, the low launches before the first request, by when its cost is known, and in each
// pause between requests.
constexpr int kLaunchesBefore = 50;
constexpr int kLaunchesBetween = 15;

Handle low_kernel;
Handle high_kernel;
Handle long_kernel;
Handle tiny_kernel;

std::atomic<bool> terminated{false};  // by SIGTERM
static_assert(std::atomic<bool>::is_always_lock_free);

void check(int result, const char* what) {
    if (result == 0) return;
    std::printf("%s: error %d\n", what, result);
    std::fflush(stdout);
    std::_Exit(3);
}

// Lines between those of the device's own log, in the order of events.
void note(const char* line) {
    static const int file = [] {
        const char* const path = std::getenv("STANDIN_RUNS");
        return path != nullptr ? ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
    }();
    const std::string text = std::string(line) + "\n";
    if (file >= 0) [[maybe_unused]]
        const ssize_t written = ::write(file, text.data(), text.size());
}

void start() {
    Handle context = nullptr;
    Handle module = nullptr;
    int device = 0;
    check(cuInit(0), "cuInit");
    check(cuDeviceGet(&device, 0), "cuDeviceGet");
    check(cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
    check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    check(cuModuleLoadData(&module, "image"), "cuModuleLoadData");
    check(cuModuleGetFunction(&low_kernel, module, "low_1000us"), "cuModuleGetFunction");
    check(cuModuleGetFunction(&high_kernel, module, "high_100us"), "cuModuleGetFunction");
    check(cuModuleGetFunction(&long_kernel, module, "long_7000us"), "cuModuleGetFunction");
    check(cuModuleGetFunction(&tiny_kernel, module, "tiny"), "cuModuleGetFunction");
}

void launch(Handle kernel, Handle stream) {
    check(cuLaunchKernel(kernel, 64, 1, 1, 128, 1, 1, 0, stream, nullptr, nullptr), "launch");
}

// One request of high work: returns when the device has done it.
void request(Handle stream) {
    note("submit");
    for (int i = 0; i < kRequestKernels; ++i)
        launch(high_kernel, stream);
    check(cuStreamSynchronize(stream), "cuStreamSynchronize");
    note("done");
}

// One long request, by a program that has something else to do meanwhile.
void request_without_wait(Handle stream, bool called) {
    note("submit");
    for (int i = 0; i < 10 * kRequestKernels; ++i)
        launch(high_kernel, stream);
    std::atomic<bool> done{false};
    int result = kNotReady;
    if (called) {
        const auto set = [](void* flag) { static_cast<std::atomic<bool>*>(flag)->store(true); };
        check(cuLaunchHostFunc(stream, set, &done), "cuLaunchHostFunc");
    }
    while (called ? !done : result == kNotReady) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        if (!called) result = cuStreamQuery(stream);
    }
    if (!called) check(result, "cuStreamQuery");
    note("done");
}

void requests(int count, Handle stream, const std::string& how) {
    for (int i = 0; i < count; ++i) {
        std::this_thread::sleep_for(milliseconds(20));
        if (how == "asking" || how == "called") {
            request_without_wait(stream, how == "called");
        } else {
            request(stream);
        }
    }
}

// A thread's own lane, if it is to have one.
class Scope {
 public:
    Scope(bool wanted, int priority) {
        if (!wanted) return;
        headway_lane_options_t options;
        headway_lane_options_init(&options);
        options.device = VICTIM_DEVICE;
        options.priority = priority;
        options.name = priority > 5 ? "high" : "low";
        if (headway_lane_open(&options, &lane_) != HEADWAY_OK) {
            std::printf("no lane: %s\n", headway_last_error());
            std::_Exit(4);
        }
        headway_lane_enter(lane_);
    }

    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    Scope(Scope&&) = delete;
    Scope& operator=(Scope&&) = delete;

    ~Scope() {
        if (lane_ == nullptr) return;
        headway_lane_leave(lane_);
        headway_lane_close(lane_);
    }

 private:
    headway_lane_t* lane_ = nullptr;
};

Handle stream_of_its_own(bool wanted) {
    Handle stream = nullptr;
    if (wanted) check(cuStreamCreate(&stream, 1), "cuStreamCreate");
    return stream;
}

// Waits until the low thread has launched so many, so that the high one's request finds it at work
// on the slowest machine.
void wait_for_launches(const std::atomic<int>& launches, int target) {
    while (launches < target)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
}

void both(bool lanes, bool own_streams, int low_count) {
    std::atomic<bool> stop{false};
    std::atomic<int> launches{0};
    // Without all lanes on the board a low one would be alone, and have no window yet.
    std::atomic<int> missing{1 + low_count};
    const auto meet = [&missing] {
        for (--missing; missing != 0;)
            std::this_thread::yield();
    };
    const auto submit_low_work = [&] {
        const Scope scope(lanes, 1);
        meet();
        Handle const stream = stream_of_its_own(own_streams);
        for (; lanes ? !stop : launches < kPlainLaunches; ++launches)
            launch(low_kernel, stream);
        check(cuStreamSynchronize(stream), "cuStreamSynchronize");
    };
    std::vector<std::thread> lows;
    for (int i = 0; i < low_count; ++i)
        lows.emplace_back(submit_low_work);
    std::thread high([&] {
        const Scope scope(lanes, 10);
        meet();
        Handle const stream = stream_of_its_own(own_streams);
        wait_for_launches(launches, lanes ? kLaunchesBefore : kPlainLaunches);
        for (int i = 0; i < (lanes ? kRequests : kPlainRequests); ++i) {
            request(stream);
            if (lanes) wait_for_launches(launches, launches + kLaunchesBetween);
        }
        stop = true;
    });
    high.join();
    for (std::thread& low : lows)
        low.join();
}

void low_until_terminated() {
    for (int launches = 1; !terminated; ++launches) {
        launch(low_kernel, nullptr);
        if (launches % 100 == 0) check(cuCtxSynchronize(), "cuCtxSynchronize");
        if (launches % 10 == 0) {
            std::printf("launched %d\n", launches);
            std::fflush(stdout);
        }
    }
    check(cuCtxSynchronize(), "cuCtxSynchronize");
}

// A destroyed stream's work goes on; its handle must not be used any more.
void streams(int count) {
    // Each alone, so that both are known kernels from here on: a short one has no marker of its
    // own.
    for (Handle kernel : {tiny_kernel, low_kernel, tiny_kernel, low_kernel}) {
        launch(kernel, nullptr);
        check(cuCtxSynchronize(), "cuCtxSynchronize");
    }
    for (int i = 0; i < count; ++i) {
        Handle stream = nullptr;
        check(cuStreamCreate(&stream, 1), "cuStreamCreate");
        launch(tiny_kernel, stream);
        check(cuStreamDestroy_v2(stream), "cuStreamDestroy");
        launch(low_kernel, nullptr);
        check(cuCtxSynchronize(), "cuCtxSynchronize");
    }
}

void two_gpus() {
    for (int device = 0; device < 2; ++device) {
        Handle context = nullptr;
        check(cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
        check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
        for (int i = 0; i < 300; ++i)
            launch(tiny_kernel, nullptr);
        check(cuCtxSynchronize(), "cuCtxSynchronize");
    }
}

// Two threads, one handle, two streams: one with long kernels, one with short ones.
void per_thread(int seconds) {
    const auto end = steady_clock::now() + std::chrono::seconds(seconds);
    const auto launch_until_end = [end](Handle kernel, int wait_every) {
        for (int i = 1; steady_clock::now() < end; ++i) {
            check(cuLaunchKernel_ptsz(kernel, 9, 1, 1, 64, 1, 1, 0, nullptr, nullptr, nullptr),
                  "launch");
            if (i % wait_every == 0) check(cuStreamSynchronize_ptsz(nullptr), "synchronize");
        }
        check(cuStreamSynchronize_ptsz(nullptr), "synchronize");
    };
    std::thread slow([&] { launch_until_end(long_kernel, 3); });
    std::thread fast([&] { launch_until_end(high_kernel, 7); });
    slow.join();
    fast.join();
}

[[noreturn]] void busy() {
    for (;;) {
        for (int i = 0; i < kRequestKernels; ++i)
            launch(high_kernel, nullptr);
        check(cuCtxSynchronize(), "cuCtxSynchronize");
        std::printf("busy\n");
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "nothing";
    const std::string first = argc > 2 ? argv[2] : "";
    const std::string second = argc > 3 ? argv[3] : "";
    if (what == "nothing") return 0;
    std::signal(SIGTERM, [](int) { terminated = true; });
    start();
    if (what == "both") both(first == "lanes", second == "own", argc > 4 ? std::atoi(argv[4]) : 1);
    if (what == "low") low_until_terminated();
    if (what == "high") requests(std::atoi(first.c_str()), nullptr, second);
    if (what == "busy") busy();
    if (what == "streams") streams(std::atoi(first.c_str()));
    if (what == "two-gpus") two_gpus();
    if (what == "per-thread") per_thread(std::atoi(first.c_str()));
    if (what == "once") {
        launch(low_kernel, nullptr);
        check(cuCtxSynchronize(), "cuCtxSynchronize");
        std::printf("launched once\n");
    }
    return 0;
}
