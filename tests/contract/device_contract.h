// What every device must do for the gate, and the gate with every device: one suite each. A device
// joins in by one file of its own, with a class of DeviceUnderTest and
// HEADWAY_INSTANTIATE_CONTRACT(); its test is linked from that file, device_contract_test.cc and
// lane_contract_test.cc.
#pragma once

#include "device/device.h"
#include "gate/platform.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace headway::test {

// A device under test, and a way to give it work. Owned by the suite; one thread.
class DeviceUnderTest {
 public:
    DeviceUnderTest() = default;
    DeviceUnderTest(const DeviceUnderTest&) = delete;
    DeviceUnderTest& operator=(const DeviceUnderTest&) = delete;
    DeviceUnderTest(DeviceUnderTest&&) = delete;
    DeviceUnderTest& operator=(DeviceUnderTest&&) = delete;
    virtual ~DeviceUnderTest() = default;

    virtual device::Device& device() = 0;

    // True where a marker may be stored a little after the work behind it has begun.
    virtual bool markers_may_be_late() const { return false; }

    // Puts work of about that length on a stream; calls `done` when it has completed.
    virtual void launch(device::StreamHandle stream,
                        std::uint64_t length_ns,
                        std::function<void()> done) = 0;

    // Returns when everything launched and every marker asked for has completed.
    virtual void finish() = 0;

    // Returns when everything on the stream has completed.
    virtual void synchronise(device::StreamHandle stream) = 0;

    // The clock that the device works by, and the waits of its lanes.
    virtual gate::Platform& platform() { return gate::real_platform(); }

    // Runs each body on a thread of its own, and returns when all have ended.
    virtual void run(std::vector<std::function<void()>> bodies) {
        std::vector<std::thread> threads;
        for (std::function<void()>& body : bodies)
            threads.emplace_back(std::move(body));
        for (std::thread& thread : threads)
            thread.join();
    }
};

struct DeviceFactory {
    std::string name;
    // Null: this device is not on this machine, and its tests are skipped.
    std::function<std::unique_ptr<DeviceUnderTest>()> make;
};

class DeviceContract : public ::testing::TestWithParam<DeviceFactory> {
 protected:
    void SetUp() override {
        device_ = GetParam().make();
        if (device_ == nullptr) GTEST_SKIP() << GetParam().name << " is not on this machine";
    }

    std::unique_ptr<DeviceUnderTest> device_;
};

// Lanes on a device; its tests are in lane_contract_test.cc.
class LaneContract : public DeviceContract {};

inline std::string name_of(const ::testing::TestParamInfo<DeviceFactory>& instance) {
    return instance.param.name;
}

}  // namespace headway::test

// Both suites for the given factories.
#define HEADWAY_INSTANTIATE_CONTRACT(prefix, ...)                                              \
    INSTANTIATE_TEST_SUITE_P(prefix, DeviceContract, ::testing::Values(__VA_ARGS__), name_of); \
    INSTANTIATE_TEST_SUITE_P(prefix, LaneContract, ::testing::Values(__VA_ARGS__), name_of)
