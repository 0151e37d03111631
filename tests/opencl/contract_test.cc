// The contract of all devices, for an OpenCL device as the layer makes it.
#include "base/clock.h"
#include "shim/opencl/dispatch.h"
#include "shim/opencl/opencl_device.h"
#include "shim/opencl/queues.h"
#include "tests/contract/device_contract.h"

#include <CL/cl.h>
#include <CL/cl_layer.h>

#include <sched.h>

#include <array>

namespace headway::test {
namespace {

// The loader hands the layer its table when a program first calls it; here the program itself is
// the loader, with the functions that markers need.
bool initialise_layer() {
    static cl_icd_dispatch functions{};
    functions.clEnqueueMarkerWithWaitList = clEnqueueMarkerWithWaitList;
    functions.clSetEventCallback = clSetEventCallback;
    functions.clGetEventInfo = clGetEventInfo;
    functions.clReleaseEvent = clReleaseEvent;
    functions.clRetainCommandQueue = clRetainCommandQueue;
    functions.clReleaseCommandQueue = clReleaseCommandQueue;
    functions.clFlush = clFlush;
    cl_uint count = 0;
    const cl_icd_dispatch* layer = nullptr;
    return clInitLayer(sizeof(functions) / sizeof(void*), &functions, &count, &layer) == CL_SUCCESS;
}

// A stream number of the suite is an in-order queue here.
class NumberedQueues final : public device::Device {
 public:
    explicit NumberedQueues(cl_device_id id) {
        context_ = clCreateContext(nullptr, 1, &id, nullptr, nullptr, nullptr);
        for (cl_command_queue& queue : queues_) {
            queue = clCreateCommandQueueWithProperties(context_, id, nullptr, nullptr);
            opencl::queue_created({queue, id, true});
        }
    }

    NumberedQueues(const NumberedQueues&) = delete;
    NumberedQueues& operator=(const NumberedQueues&) = delete;
    NumberedQueues(NumberedQueues&&) = delete;
    NumberedQueues& operator=(NumberedQueues&&) = delete;

    ~NumberedQueues() {
        for (cl_command_queue queue : queues_) {
            opencl::queue_released(queue);
            clReleaseCommandQueue(queue);
        }
        clReleaseContext(context_);
    }

    cl_command_queue queue(device::StreamHandle stream) const { return queues_.at(stream); }

    void finish() {
        for (cl_command_queue queue : queues_)
            clFinish(queue);
        while (device_.markers_in_flight() != 0)
            ::sched_yield();
    }

    bool synchronous() const noexcept override { return device_.synchronous(); }

    Registration register_progress(std::atomic<std::uint32_t>* progress,
                                   std::uint32_t count) noexcept override {
        return device_.register_progress(progress, count);
    }

    void unregister_progress(std::atomic<std::uint32_t>* progress) noexcept override {
        device_.unregister_progress(progress);
    }

    bool write_marker(device::StreamHandle stream,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override {
        const auto handle = reinterpret_cast<std::uintptr_t>(queue(stream));
        return device_.write_marker(handle, word, value);
    }

    std::uint32_t give_way(Standing standing) noexcept override {
        return device_.give_way(standing);
    }

 private:
    opencl::OpenClDevice device_;
    cl_context context_ = nullptr;
    std::array<cl_command_queue, 4> queues_{};
};

struct Job {
    std::uint64_t length_ns;
    std::function<void()> done;
};

void CL_CALLBACK run_job(void* argument) {
    const std::unique_ptr<Job> job(*static_cast<Job**>(argument));
    const std::uint64_t end_ns = now_ns() + job->length_ns;
    while (now_ns() < end_ns) {
    }
    job->done();
}

class OpenClUnderTest final : public DeviceUnderTest {
 public:
    explicit OpenClUnderTest(cl_device_id id) : device_(id) {}

    device::Device& device() override { return device_; }

    bool markers_may_be_late() const override { return true; }

    void launch(device::StreamHandle stream,
                std::uint64_t length_ns,
                std::function<void()> done) override {
        Job* job = new Job{length_ns, std::move(done)};
        ASSERT_EQ(clEnqueueNativeKernel(device_.queue(stream),
                                        run_job,
                                        static_cast<void*>(&job),
                                        sizeof(Job*),
                                        0,
                                        nullptr,
                                        nullptr,
                                        0,
                                        nullptr,
                                        nullptr),
                  CL_SUCCESS);
    }

    void finish() override { device_.finish(); }

    void synchronise(device::StreamHandle stream) override { clFinish(device_.queue(stream)); }

 private:
    NumberedQueues device_;
};

std::unique_ptr<DeviceUnderTest> make_opencl() {
    cl_platform_id platform = nullptr;
    cl_device_id id = nullptr;
    cl_uint count = 0;
    if (clGetPlatformIDs(1, &platform, &count) != CL_SUCCESS || count == 0) return nullptr;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &id, &count) != CL_SUCCESS) return nullptr;
    return initialise_layer() ? std::make_unique<OpenClUnderTest>(id) : nullptr;
}

HEADWAY_INSTANTIATE_CONTRACT(OpenCl, DeviceFactory{"opencl", make_opencl});

// What the suite can't ask of every device.
TEST(OpenClMarkers, NothingIsWrittenAfterTheLaneHasGone) {
    const std::unique_ptr<DeviceUnderTest> device = make_opencl();
    if (device == nullptr) GTEST_SKIP() << "no OpenCL device here";
    std::array<std::atomic<std::uint32_t>, board::kTrackCountMax> progress{};
    ASSERT_EQ(device->device().register_progress(progress.data(), board::kTrackCountMax),
              device::Device::Registration::kDone);
    device->launch(0, 5 * kNsPerMs, [] {});
    ASSERT_TRUE(device->device().write_marker(0, &progress[0], 1));
    device->device().unregister_progress(progress.data());
    device->finish();
    EXPECT_EQ(progress[0].load(), 0U);
    EXPECT_FALSE(device->device().write_marker(0, &progress[0], 2));
}

TEST(OpenClMarkers, AQueueThatTheProgramHasGivenBackIsRefused) {
    const std::unique_ptr<DeviceUnderTest> device = make_opencl();
    if (device == nullptr) GTEST_SKIP() << "no OpenCL device here";
    opencl::OpenClDevice other;
    std::array<std::atomic<std::uint32_t>, board::kTrackCountMax> progress{};
    other.register_progress(progress.data(), board::kTrackCountMax);
    EXPECT_FALSE(other.write_marker(0x1000, &progress[0], 1));
    EXPECT_EQ(other.markers_in_flight(), 0U);
}

}  // namespace
}  // namespace headway::test
