// The contract of all devices, and of lanes on them, for a GPU as a shim makes it: over the
// stand-in for the API's driver, or over a real one. This program has the shim's forwarders in
// itself.
#include "driver_abi.h"
#include "shim/gpu/gpu_device.h"
#include "tests/contract/device_contract.h"

extern "C" {
#include "driver.h"
}

#include <array>
#include <chrono>
#include <thread>
#include <utility>

namespace headway::test {
namespace {

// A stream number of the suite is a stream of the program's own here.
class NumberedStreams final : public device::Device {
 public:
    NumberedStreams() {
        for (Handle& stream : streams_) {
            constexpr unsigned kNonBlocking = 1;
            EXPECT_EQ(cuStreamCreate(&stream, kNonBlocking), 0);
        }
    }

    NumberedStreams(const NumberedStreams&) = delete;
    NumberedStreams& operator=(const NumberedStreams&) = delete;
    NumberedStreams(NumberedStreams&&) = delete;
    NumberedStreams& operator=(NumberedStreams&&) = delete;

    ~NumberedStreams() {
        for (Handle stream : streams_)
            cuStreamDestroy_v2(stream);
    }

    Handle stream(device::StreamHandle number) const { return streams_.at(number); }

    bool synchronous() const noexcept override { return gpu_.synchronous(); }

    Registration register_progress(std::atomic<std::uint32_t>* progress,
                                   std::uint32_t count) noexcept override {
        return gpu_.register_progress(progress, count);
    }

    void unregister_progress(std::atomic<std::uint32_t>* progress) noexcept override {
        gpu_.unregister_progress(progress);
    }

    bool write_marker(device::StreamHandle number,
                      std::atomic<std::uint32_t>* word,
                      std::uint32_t value) noexcept override {
        return gpu_.write_marker(reinterpret_cast<std::uintptr_t>(stream(number)), word, value);
    }

    std::uint32_t give_way(Standing standing) noexcept override { return gpu_.give_way(standing); }

    bool one_process_at_a_time() const noexcept override { return gpu_.one_process_at_a_time(); }

 private:
    gpu::GpuDevice gpu_{0};
    std::array<Handle, 4> streams_{};
};

struct Job {
    std::uint64_t length_ns;
    std::function<void()> done;
};

void run_job(void* argument) {
    const std::unique_ptr<Job> job(static_cast<Job*>(argument));
    std::this_thread::sleep_for(std::chrono::nanoseconds(job->length_ns));
    job->done();
}

class GpuUnderTest final : public DeviceUnderTest {
 public:
    device::Device& device() override { return device_; }

    void launch(device::StreamHandle number,
                std::uint64_t length_ns,
                std::function<void()> done) override {
        auto* const job = new Job{length_ns, std::move(done)};
        ASSERT_EQ(cuLaunchHostFunc(device_.stream(number), &run_job, job), 0);
    }

    void finish() override { ASSERT_EQ(cuCtxSynchronize(), 0); }

    void synchronise(device::StreamHandle number) override {
        ASSERT_EQ(cuStreamSynchronize(device_.stream(number)), 0);
    }

    // The program's threads work in its context.
    void run(std::vector<std::function<void()>> bodies) override {
        std::vector<std::function<void()>> with_context;
        for (std::function<void()>& body : bodies) {
            with_context.emplace_back([this, inner = std::move(body)] {
                ASSERT_EQ(cuCtxSetCurrent(context_), 0);
                inner();
            });
        }
        DeviceUnderTest::run(std::move(with_context));
    }

    // Of the process: made once.
    static Handle context() {
        static Handle const made = [] {
            Handle context = nullptr;
            int device = 0;
            const bool started = cuInit(0) == 0 && cuDeviceGet(&device, 0) == 0 &&
                                 cuDevicePrimaryCtxRetain(&context, device) == 0 &&
                                 cuCtxSetCurrent(context) == 0;
            return started ? context : nullptr;
        }();
        return made;
    }

 private:
    Handle context_ = context();
    NumberedStreams device_;
};

TEST(GpuDevice, ServesOneProcessUnlessTheDriverSaysOtherwise) {
    if (GpuUnderTest::context() == nullptr) GTEST_SKIP() << "a GPU is not on this machine";
    const bool is_cuda = std::string(gpu::kDeviceKind) == "cuda";
    // A real driver says what it likes.
    if (is_cuda && std::getenv("HEADWAY_CUDA_DRIVER") == nullptr) GTEST_SKIP() << "no stand-in";
    const gpu::GpuDevice device(0);
    EXPECT_EQ(device.one_process_at_a_time(), is_cuda);
    ::setenv("STANDIN_MPS", "1", 1);
    EXPECT_EQ(device.one_process_at_a_time(), is_cuda);  // asked once
    EXPECT_FALSE(gpu::GpuDevice(0).one_process_at_a_time());
    ::unsetenv("STANDIN_MPS");
}

HEADWAY_INSTANTIATE_CONTRACT(Gpu,
                             DeviceFactory{gpu::kDeviceKind,
                                           []() -> std::unique_ptr<DeviceUnderTest> {
                                               if (GpuUnderTest::context() == nullptr)
                                                   return nullptr;
                                               return std::make_unique<GpuUnderTest>();
                                           }});

}  // namespace
}  // namespace headway::test
