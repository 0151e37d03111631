#include "bench/two_queues/spin_queue.h"

#include "base/clock.h"
#include "bench/failure.h"

#include <CL/cl.h>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>

namespace headway::bench {

namespace {

// One work item per compute unit, so that the device has exactly one round of work. Each value
// depends on the one before it: the time is the number of steps, whatever the compiler does.
constexpr const char* kSource = R"(
kernel void spin(global ulong* values, global uint* runs, ulong steps) {
    size_t unit = get_global_id(0);
    ulong x = 88172645463325252UL + unit;
    for (ulong i = 0; i < steps; ++i) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    values[unit] = x;
    runs[unit] += 1;
}
)";

// Short tries, and many of them: what disturbs the machine for a moment spoils only some.
constexpr int kTries = 80;
constexpr std::uint64_t kTryNs = 4 * kNsPerMs;

void must(cl_int status, const char* what) {
    if (status == CL_SUCCESS) return;
    throw Failure(fmt::format("OpenCL: {} failed with {}", what, status));
}

std::vector<cl_device_id> all_devices() {
    cl_uint platform_count = 0;
    if (clGetPlatformIDs(0, nullptr, &platform_count) != CL_SUCCESS) return {};
    std::vector<cl_platform_id> platforms(platform_count);
    if (platform_count != 0) {
        must(clGetPlatformIDs(platform_count, platforms.data(), nullptr), "clGetPlatformIDs");
    }
    std::vector<cl_device_id> devices;
    for (cl_platform_id platform : platforms) {
        cl_uint count = 0;
        const cl_device_type all = CL_DEVICE_TYPE_ALL;
        if (clGetDeviceIDs(platform, all, 0, nullptr, &count) != CL_SUCCESS) continue;
        const std::size_t before = devices.size();
        devices.resize(before + count);
        must(clGetDeviceIDs(platform, all, count, &devices[before], nullptr), "clGetDeviceIDs");
    }
    return devices;
}

cl_device_id device_at(int index) {
    const std::vector<cl_device_id> devices = all_devices();
    if (index >= 0 && static_cast<std::size_t>(index) < devices.size()) {
        return devices[static_cast<std::size_t>(index)];
    }
    throw Failure(fmt::format("OpenCL has no device {}; it has {}", index, devices.size()));
}

unsigned units_of(cl_device_id device) {
    cl_uint units = 0;
    must(clGetDeviceInfo(device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, nullptr),
         "clGetDeviceInfo");
    return std::max(units, 1U);
}

std::string text_of(cl_device_id device, cl_device_info name) {
    std::size_t bytes = 0;
    must(clGetDeviceInfo(device, name, 0, nullptr, &bytes), "clGetDeviceInfo");
    std::string text(bytes, '\0');
    must(clGetDeviceInfo(device, name, bytes, text.data(), nullptr), "clGetDeviceInfo");
    return text.c_str();  // without the zero at its end
}

std::string platform_text(cl_device_id device, cl_platform_info name) {
    cl_platform_id platform = nullptr;
    must(clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof(cl_platform_id), &platform, nullptr),
         "clGetDeviceInfo");
    std::size_t bytes = 0;
    must(clGetPlatformInfo(platform, name, 0, nullptr, &bytes), "clGetPlatformInfo");
    std::string text(bytes, '\0');
    must(clGetPlatformInfo(platform, name, bytes, text.data(), nullptr), "clGetPlatformInfo");
    return text.c_str();
}

}  // namespace

struct SpinQueue::State {
    cl_device_id device = nullptr;
    unsigned units = 1;
    cl_context context = nullptr;
    cl_program program = nullptr;
    cl_command_queue queue = nullptr;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;

    ~State() {
        if (queue != nullptr) clReleaseCommandQueue(queue);
        if (program != nullptr) clReleaseProgram(program);
        if (context != nullptr) clReleaseContext(context);
    }
};

struct SpinKernel::State {
    SpinQueue::State& shared;
    cl_kernel kernel = nullptr;
    cl_mem values = nullptr;
    cl_mem runs = nullptr;
    std::deque<cl_event> unfinished;
    std::uint64_t launches = 0;

    explicit State(SpinQueue::State& queue) : shared(queue) {}

    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;

    ~State() {
        for (cl_event event : unfinished) {
            clWaitForEvents(1, &event);
            clReleaseEvent(event);
        }
        if (kernel != nullptr) clReleaseKernel(kernel);
        if (values != nullptr) clReleaseMemObject(values);
        if (runs != nullptr) clReleaseMemObject(runs);
    }

    template <typename Value>
    std::vector<Value> read(cl_mem buffer) {
        std::vector<Value> out(shared.units);
        const std::size_t bytes = out.size() * sizeof(Value);
        must(clEnqueueReadBuffer(
                 shared.queue, buffer, CL_TRUE, 0, bytes, out.data(), 0, nullptr, nullptr),
             "clEnqueueReadBuffer");
        return out;
    }
};

bool opencl_available() noexcept {
    return true;
}

int opencl_device_count() {
    return static_cast<int>(all_devices().size());
}

OpenClDeviceText describe_opencl_device(int index) {
    cl_device_id device = device_at(index);
    return {text_of(device, CL_DEVICE_NAME),
            fmt::format("{}, {}",
                        platform_text(device, CL_PLATFORM_NAME),
                        platform_text(device, CL_PLATFORM_VERSION)),
            units_of(device)};
}

SpinQueue::SpinQueue(int device) : state_(std::make_unique<State>()) {
    cl_int status = CL_SUCCESS;
    State& state = *state_;
    state.device = device_at(device);
    state.units = units_of(state.device);
    state.context = clCreateContext(nullptr, 1, &state.device, nullptr, nullptr, &status);
    must(status, "clCreateContext");
    const char* source = kSource;
    state.program = clCreateProgramWithSource(state.context, 1, &source, nullptr, &status);
    must(status, "clCreateProgramWithSource");
    must(clBuildProgram(state.program, 1, &state.device, "", nullptr, nullptr), "clBuildProgram");
    state.queue = clCreateCommandQueueWithProperties(state.context, state.device, nullptr, &status);
    must(status, "clCreateCommandQueueWithProperties");
}

SpinQueue::~SpinQueue() = default;

SpinKernel::SpinKernel(SpinQueue& queue, std::uint64_t steps)
    : state_(std::make_unique<State>(*queue.state_)) {
    cl_int status = CL_SUCCESS;
    State& state = *state_;
    const SpinQueue::State& shared = state.shared;
    state.kernel = clCreateKernel(shared.program, "spin", &status);
    must(status, "clCreateKernel");
    state.values = clCreateBuffer(
        shared.context, CL_MEM_READ_WRITE, shared.units * sizeof(cl_ulong), nullptr, &status);
    must(status, "clCreateBuffer");
    state.runs = clCreateBuffer(
        shared.context, CL_MEM_READ_WRITE, shared.units * sizeof(cl_uint), nullptr, &status);
    must(status, "clCreateBuffer");
    const cl_uint none = 0;
    must(clEnqueueFillBuffer(shared.queue,
                             state.runs,
                             &none,
                             sizeof none,
                             0,
                             shared.units * sizeof(cl_uint),
                             0,
                             nullptr,
                             nullptr),
         "clEnqueueFillBuffer");
    const cl_ulong count = steps;
    must(clSetKernelArg(state.kernel, 0, sizeof(cl_mem), &state.values), "clSetKernelArg");
    must(clSetKernelArg(state.kernel, 1, sizeof(cl_mem), &state.runs), "clSetKernelArg");
    must(clSetKernelArg(state.kernel, 2, sizeof count, &count), "clSetKernelArg");
}

SpinKernel::~SpinKernel() = default;

void SpinKernel::launch() {
    State& state = *state_;
    const std::size_t global = state.shared.units;
    const std::size_t local = 1;
    cl_event event = nullptr;
    must(clEnqueueNDRangeKernel(
             state.shared.queue, state.kernel, 1, nullptr, &global, &local, 0, nullptr, &event),
         "clEnqueueNDRangeKernel");
    state.unfinished.push_back(event);
    ++state.launches;
    must(clFlush(state.shared.queue), "clFlush");
}

void SpinKernel::wait(std::size_t unfinished_max) {
    std::deque<cl_event>& unfinished = state_->unfinished;
    while (unfinished.size() > unfinished_max) {
        must(clWaitForEvents(1, &unfinished.front()), "clWaitForEvents");
        must(clReleaseEvent(unfinished.front()), "clReleaseEvent");
        unfinished.pop_front();
    }
}

std::vector<std::uint64_t> SpinKernel::results() {
    wait(0);
    State& state = *state_;
    const std::vector<cl_uint> runs = state.read<cl_uint>(state.runs);
    const bool all_once = std::all_of(
        runs.begin(), runs.end(), [&](cl_uint count) { return count == state.launches; });
    if (!all_once) throw Failure("a kernel was lost, or ran twice");
    const std::vector<cl_ulong> values = state.read<cl_ulong>(state.values);
    return {values.begin(), values.end()};
}

namespace {

std::uint64_t time_one(SpinKernel& kernel) {
    const std::uint64_t begin_ns = now_ns();
    kernel.launch();
    kernel.wait(0);
    return now_ns() - begin_ns;
}

// So many steps that a kernel takes at least kTryNs.
std::uint64_t steps_of_a_try(SpinQueue& queue) {
    for (std::uint64_t steps = 100'000;; steps *= 2) {
        SpinKernel kernel(queue, steps);
        time_one(kernel);
        if (std::min(time_one(kernel), time_one(kernel)) >= kTryNs) return steps;
    }
}

}  // namespace

double measure_steps_per_ms(int device) {
    SpinQueue queue(device);
    const std::uint64_t steps = steps_of_a_try(queue);
    SpinKernel once(queue, steps);
    SpinKernel twice(queue, 2 * steps);
    std::uint64_t once_ns = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t twice_ns = once_ns;
    for (int i = 0; i < kTries; ++i) {
        once_ns = std::min(once_ns, time_one(once));
        twice_ns = std::min(twice_ns, time_one(twice));
    }
    // What a launch costs by itself is in both, and not in the difference.
    if (twice_ns <= once_ns) throw Failure("twice as many steps took no longer: is it a device?");
    return static_cast<double>(steps) * static_cast<double>(kNsPerMs) /
           static_cast<double>(twice_ns - once_ns);
}

}  // namespace headway::bench
