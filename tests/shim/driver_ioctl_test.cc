// Timeslices: what is learned from the driver library's ioctls, and what is asked for.
#include "shim/cuda/driver_ioctl.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

namespace headway::gpu {
namespace {

constexpr char kGpu[] = "GPU-00000000-0000-0000-0000-000000000003";  // of subdevice 3
constexpr int kFd = 5;
constexpr std::uint32_t kGraphics = 1;
constexpr std::uint32_t kCopy = 11;

void* watched_driver() {
    void* const driver = dlopen(HEADWAY_FAKE_DRIVER, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    EXPECT_NE(driver, nullptr) << dlerror();
    EXPECT_TRUE(watch_driver_ioctl(driver));
    return driver;
}

void* driver() {
    static void* const opened = watched_driver();
    return opened;
}

template <typename Type>
Type symbol(const char* name) {
    return reinterpret_cast<Type>(dlsym(driver(), name));
}

// The fake resource manager of the process starts anew for each test.
class DriverIoctlTest : public testing::Test {
 protected:
    DriverIoctlTest() {
        channel_groups().forget();
        timeslice_us() = 2048;
        set_count() = 0;
        *symbol<std::uint32_t*>("fake_rm_control_status") = 0;
        *symbol<int*>("fake_rm_ignores_set") = 0;
        symbol<int (*)(int, std::uint32_t)>("fake_open_device")(kFd, 3);
    }

    static std::uint64_t& timeslice_us() { return *symbol<std::uint64_t*>("fake_rm_timeslice_us"); }

    static int& set_count() { return *symbol<int*>("fake_rm_set_count"); }

    static void make_group(std::uint32_t group,
                           std::uint32_t engine = kGraphics,
                           std::uint32_t status = 0,
                           int form = 0) {
        using Make = int (*)(int, std::uint32_t, std::uint32_t, std::uint32_t, int);
        symbol<Make>("fake_make_group")(kFd, group, engine, status, form);
    }
};

TEST_F(DriverIoctlTest, ComputeGroupsAreKnownHoweverTheyWereMade) {
    make_group(10);
    make_group(11, kGraphics, 0, 1);
    make_group(12, kGraphics, 0, 2);
    EXPECT_EQ(channel_groups().group_count(), 3U);
    make_group(13, kCopy);               // runs no kernels
    make_group(14, kGraphics, 0x51, 0);  // refused
    make_group(15, kGraphics, 0x51, 1);
    EXPECT_EQ(channel_groups().group_count(), 3U);
}

TEST_F(DriverIoctlTest, AShortTimesliceIsSetAndTheDefaultRestored) {
    make_group(10);
    EXPECT_EQ(channel_groups().set_timeslice(kGpu, 20), 20U);
    EXPECT_EQ(timeslice_us(), 20U);
    EXPECT_EQ(channel_groups().set_timeslice(kGpu, 0), 0U);
    EXPECT_EQ(timeslice_us(), 2048U);
}

TEST_F(DriverIoctlTest, AContextMadeMeanwhileIsShortFromTheStart) {
    make_group(10);
    channel_groups().set_timeslice(kGpu, 20);
    timeslice_us() = 2048;
    make_group(11);
    EXPECT_EQ(timeslice_us(), 20U);
    EXPECT_EQ(*symbol<std::uint32_t*>("fake_rm_last_group"), 11U);
}

TEST_F(DriverIoctlTest, AnotherGpuIsLeftAlone) {
    make_group(10);
    EXPECT_EQ(channel_groups().set_timeslice("GPU-00000000-0000-0000-0000-000000000004", 20), 0U);
    EXPECT_EQ(set_count(), 0);
}

TEST_F(DriverIoctlTest, ADriverThatRefusesOrIgnoresTheCallIsReportedAsOff) {
    make_group(10);
    *symbol<int*>("fake_rm_ignores_set") = 1;
    EXPECT_EQ(channel_groups().set_timeslice(kGpu, 20), 0U);
    *symbol<std::uint32_t*>("fake_rm_control_status") = 0x1B;  // insufficient permissions
    EXPECT_EQ(channel_groups().set_timeslice(kGpu, 20), 0U);
    EXPECT_EQ(timeslice_us(), 2048U);
}

TEST_F(DriverIoctlTest, WhatIsFreedIsForgotten) {
    const auto free_object = symbol<int (*)(int, std::uint32_t)>("fake_free");
    make_group(10);
    make_group(11);
    free_object(kFd, 10);
    EXPECT_EQ(channel_groups().group_count(), 1U);
    free_object(kFd, 2);  // the device, and its children with it
    EXPECT_EQ(channel_groups().group_count(), 0U);
    EXPECT_EQ(channel_groups().set_timeslice(kGpu, 20), 0U);
    EXPECT_EQ(set_count(), 0);
}

TEST_F(DriverIoctlTest, MoreGroupsThanRoomKeepTheirTimeslice) {
    for (std::uint32_t group = 100; group < 300; ++group)
        make_group(group);
    EXPECT_LE(channel_groups().group_count(), 200U);
    EXPECT_EQ(channel_groups().set_timeslice(kGpu, 50), 50U);
}

TEST_F(DriverIoctlTest, ALibraryWithoutIoctlIsLeftAlone) {
    EXPECT_FALSE(watch_driver_ioctl(dlopen("libm.so.6", RTLD_NOW)));
}

}  // namespace
}  // namespace headway::gpu
