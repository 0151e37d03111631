// headway-bench without OpenCL: its headers or its loader were not found when it was built.
#include "bench/failure.h"
#include "bench/two_queues/spin_queue.h"

namespace headway::bench {

namespace {

[[noreturn]] void refuse() {
    throw Failure(
        "this headway-bench was built without OpenCL (Debian: ocl-icd-opencl-dev); build it again",
        kExitBadArguments);
}

}  // namespace

struct SpinQueue::State {};

struct SpinKernel::State {};

bool opencl_available() noexcept {
    return false;
}

int opencl_device_count() {
    return 0;
}

OpenClDeviceText describe_opencl_device(int) {
    refuse();
}

SpinQueue::SpinQueue(int) {
    refuse();
}

SpinQueue::~SpinQueue() = default;

SpinKernel::SpinKernel(SpinQueue&, std::uint64_t) {
    refuse();
}

SpinKernel::~SpinKernel() = default;

void SpinKernel::launch() {
    refuse();
}

void SpinKernel::wait(std::size_t) {
    refuse();
}

std::vector<std::uint64_t> SpinKernel::results() {
    refuse();
}

double measure_steps_per_ms(int) {
    refuse();
}

}  // namespace headway::bench
