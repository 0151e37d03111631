// What every device must do for the gate, whatever it is: one suite, instantiated per device.
#pragma once

#include "device/device.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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

}  // namespace headway::test
