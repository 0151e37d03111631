// An OpenCL device as the benchmark uses it: an in-order queue, and kernels on it that take a given
// number of steps. Where headway-bench was built without OpenCL, there is no device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headway::bench {

// N of "opencl:N", or -1 for anything else.
int opencl_index(const std::string& device) noexcept;

// Whether headway-bench was built with OpenCL.
bool opencl_available() noexcept;

// How many devices all OpenCL platforms have together. May start the platforms' threads.
int opencl_device_count();

struct OpenClDeviceText {
    std::string name;
    std::string platform;  // with its version
    unsigned units = 0;    // compute units that it shows
};

// The device of that number must exist. Throws Failure.
OpenClDeviceText describe_opencl_device(int index);

// A context with one in-order queue and the program. Thread-safe.
class SpinQueue {
 public:
    // Compiles the program. May take seconds. Throws Failure.
    explicit SpinQueue(int device);
    ~SpinQueue();
    SpinQueue(const SpinQueue&) = delete;
    SpinQueue& operator=(const SpinQueue&) = delete;
    SpinQueue(SpinQueue&&) = delete;
    SpinQueue& operator=(SpinQueue&&) = delete;

 private:
    friend class SpinKernel;
    struct State;
    std::unique_ptr<State> state_;
};

// Kernels of one kind on a queue, which must outlive them. Each keeps every compute unit busy for
// `steps` dependent steps. One thread at a time. All functions throw Failure if OpenCL refuses.
class SpinKernel {
 public:
    SpinKernel(SpinQueue& queue, std::uint64_t steps);
    // Waits for what is unfinished.
    ~SpinKernel();
    SpinKernel(const SpinKernel&) = delete;
    SpinKernel& operator=(const SpinKernel&) = delete;
    SpinKernel(SpinKernel&&) = delete;
    SpinKernel& operator=(SpinKernel&&) = delete;

    // Enqueues one kernel and submits it.
    void launch();

    // Blocks until at most `unfinished_max` of the kernels are unfinished.
    void wait(std::size_t unfinished_max);

    // Waits for all of them and returns what the last one computed: the same for the same number of
    // steps. Throws Failure if one has not run exactly once.
    std::vector<std::uint64_t> results();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

// How many steps take a millisecond, of several tries the fastest. Takes about a second.
double measure_steps_per_ms(int device);

}  // namespace headway::bench
