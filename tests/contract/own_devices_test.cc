// The contract for the devices that need nothing: the host, and the device of the virtual-time
// tests.
#include "base/clock.h"
#include "device/host.h"
#include "tests/contract/device_contract.h"
#include "tests/support/virtual_device.h"
#include "tests/support/virtual_time.h"

#include <map>

namespace headway::test {
namespace {

// The host: work runs on the spot.
class HostUnderTest final : public DeviceUnderTest {
 public:
    device::Device& device() override { return host_; }

    void launch(device::StreamHandle,
                std::uint64_t length_ns,
                std::function<void()> done) override {
        const std::uint64_t end_ns = now_ns() + length_ns;
        while (now_ns() < end_ns) {
        }
        done();
    }

    void finish() override {}

    void synchronise(device::StreamHandle) override {}

 private:
    device::HostDevice host_;
};

// Held to the same contract, or the tests that use it would prove nothing.
class VirtualUnderTest final : public DeviceUnderTest {
 public:
    device::Device& device() override { return device_; }

    void launch(device::StreamHandle stream,
                std::uint64_t length_ns,
                std::function<void()> done) override {
        ends_ns_[stream] = device_.launch(stream, length_ns);
        time_.at(ends_ns_[stream], std::move(done));
    }

    void finish() override {
        run({[this] { time_.pause_until(time_.now_ns() + device_.backlog_ns() + 1); }});
    }

    void synchronise(device::StreamHandle stream) override {
        if (ends_ns_[stream] >= time_.now_ns()) time_.pause_until(ends_ns_[stream] + 1);
    }

    gate::Platform& platform() override { return time_; }

    void run(std::vector<std::function<void()>> bodies) override {
        for (std::function<void()>& body : bodies)
            time_.add_actor(std::move(body), time_.now_ns());
        ASSERT_TRUE(time_.run(UINT64_MAX));
    }

 private:
    VirtualTime time_;
    VirtualDevice device_{time_};
    std::map<device::StreamHandle, std::uint64_t> ends_ns_;
};

HEADWAY_INSTANTIATE_CONTRACT(Own,
                             DeviceFactory{"host",
                                           [] { return std::make_unique<HostUnderTest>(); }},
                             DeviceFactory{"virtual",
                                           [] { return std::make_unique<VirtualUnderTest>(); }});

}  // namespace
}  // namespace headway::test
