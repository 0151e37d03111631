#include "tests/contract/device_contract.h"

#include "base/clock.h"
#include "board/layout.h"

#include <array>
#include <atomic>
#include <cstring>
#include <vector>

namespace headway::test {
namespace {

// In one line, and so on one page, as the board's are: GPUs write to registered pages only.
struct alignas(board::kLineBytes) Progress
    : std::array<std::atomic<std::uint32_t>, board::kTrackCountMax> {};

TEST_P(DeviceContract, AMarkerFollowsTheWorkBeforeIt) {
    Progress progress{};
    ASSERT_EQ(device_->device().register_progress(progress.data(), board::kTrackCountMax),
              device::Device::Registration::kDone);
    bool done = false;
    bool marked_too_early = false;
    device_->launch(0, kNsPerMs, [&] {
        marked_too_early = progress[0].load() != 0;
        done = true;
    });
    ASSERT_TRUE(device_->device().write_marker(0, &progress[0], 1));
    device_->finish();
    EXPECT_TRUE(done);
    EXPECT_FALSE(marked_too_early);
    EXPECT_EQ(progress[0].load(), 1U);
    device_->device().unregister_progress(progress.data());
}

TEST_P(DeviceContract, MarkersOfAStreamArriveInOrder) {
    Progress progress{};
    ASSERT_EQ(device_->device().register_progress(progress.data(), board::kTrackCountMax),
              device::Device::Registration::kDone);
    std::vector<std::uint32_t> seen;
    for (std::uint32_t value = 1; value <= 50; ++value) {
        device_->launch(0, 10 * kNsPerUs, [&] { seen.push_back(progress[3].load()); });
        ASSERT_TRUE(device_->device().write_marker(0, &progress[3], value));
    }
    device_->finish();
    ASSERT_EQ(seen.size(), 50U);
    for (std::uint32_t i = 0; i < seen.size(); ++i) {
        // When launch i completes, its own marker has not been stored, and those before it have:
        // or are to come, but none is ever taken back.
        EXPECT_LE(seen[i], i);
        if (i != 0) {
            EXPECT_GE(seen[i], seen[i - 1]);
        }
        if (!device_->markers_may_be_late()) {
            EXPECT_EQ(seen[i], i);
        }
    }
    EXPECT_EQ(progress[3].load(), 50U);
    device_->device().unregister_progress(progress.data());
}

TEST_P(DeviceContract, StreamsHaveProgressOfTheirOwn) {
    Progress progress{};
    ASSERT_EQ(device_->device().register_progress(progress.data(), board::kTrackCountMax),
              device::Device::Registration::kDone);
    for (std::uint32_t stream = 0; stream < 4; ++stream) {
        device_->launch(stream, kNsPerUs, [] {});
        ASSERT_TRUE(device_->device().write_marker(stream, &progress[stream], 100 + stream));
    }
    device_->finish();
    for (std::uint32_t stream = 0; stream < 4; ++stream) {
        EXPECT_EQ(progress[stream].load(), 100 + stream);
    }
    EXPECT_EQ(progress[4].load(), 0U);
    device_->device().unregister_progress(progress.data());
}

TEST_P(DeviceContract, AMarkerMayHaveAnyValue) {
    Progress progress{};
    ASSERT_EQ(device_->device().register_progress(progress.data(), board::kTrackCountMax),
              device::Device::Registration::kDone);
    for (const std::uint32_t value : {0xFFFFFFFFU, 0x80000000U, 0U, 7U}) {
        ASSERT_TRUE(device_->device().write_marker(0, &progress[0], value));
        device_->finish();
        EXPECT_EQ(progress[0].load(), value);
    }
    device_->device().unregister_progress(progress.data());
}

}  // namespace
}  // namespace headway::test
