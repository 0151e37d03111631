// Lanes on boards of their own, in virtual time.
#pragma once

#include "base/clock.h"
#include "gate/lane.h"
#include "tests/support/temporary_boards.h"
#include "tests/support/virtual_device.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <memory>

namespace headway::gate {

inline constexpr std::uint64_t kLimitNs = 100 * kNsPerS;

inline LaneOptions with_priority(std::int32_t priority) {
    LaneOptions options;
    options.priority = priority;
    return options;
}

class LaneFixture : public ::testing::Test {
 protected:
    std::unique_ptr<Lane> open(const LaneOptions& options, device::Device& device) {
        auto lane = std::make_unique<Lane>(device, time);
        const Status status = lane->open(options);
        EXPECT_TRUE(status.ok()) << status.message();
        return lane;
    }

    static std::uint64_t counter(const Lane& lane,
                                 std::atomic<std::uint64_t> board::LaneSlot::*field) {
        return (lane.view().*field).load();
    }

    test::TemporaryBoards boards_;
    test::VirtualTime time;
    test::VirtualDevice gpu{time};
};

}  // namespace headway::gate
