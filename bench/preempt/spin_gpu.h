// A GPU seen through the driver API alone, with two kernels on it: one that keeps every
// multiprocessor busy for a given time, and one that does nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace headway::bench {

// How many GPUs the driver shows; 0 without a driver. Starts the driver, makes no context.
int spin_gpu_count();

// The PTX text of both kernels. The spinning one carries its duration in its name as well
// ("spin_10000us"), so that a profile shows it.
std::string spin_ptx(const std::string& target, std::uint64_t spin_us);

// Work goes to the default stream of the device's primary context. The driver is looked up by
// dlopen("libcuda.so.1"), so that no CUDA toolkit is needed to build, and a preloaded library of
// that name is found like in any other program. Not thread-safe: use it on one thread.
// Every member function throws Failure if the driver refuses.
class SpinGpu {
 public:
    // Makes the context and compiles both kernels. Takes up to seconds.
    SpinGpu(int ordinal, std::uint64_t spin_us);
    // Waits for the work that is unfinished.
    ~SpinGpu();
    SpinGpu(const SpinGpu&) = delete;
    SpinGpu& operator=(const SpinGpu&) = delete;

    // Launches the spinning kernel: `blocks` blocks of `threads` threads, each of which spins until
    // its time is over by the GPU's clock.
    void spin(unsigned blocks, unsigned threads);

    // Blocks until at most `unfinished_max` of the spinning kernels are unfinished.
    void wait_for_spins(std::size_t unfinished_max);

    // Launches the empty kernel.
    void empty();

    // Blocks until everything launched has ended.
    void synchronise();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace headway::bench
