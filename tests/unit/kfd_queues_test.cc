// What is learned from AMD's run-time library, and what is asked of its queues.
#include "device/kfd_queues.h"

#include "tests/unit/kfd/sequence.h"

#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdarg>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace headway::device {
namespace {

using test::kfd::kGpuId;
using testing::ElementsAre;
using testing::IsEmpty;
using Mode = KfdQueues::Mode;

constexpr int kFd = 11;

// "00 1a" without its spaces.
std::string plain(const std::string& hex) {
    std::string text;
    for (const char c : hex)
        text += c == ' ' ? "" : std::string(1, c);
    return text;
}

std::vector<unsigned char> bytes_of(const char* hex) {
    const std::string digits = plain(hex);
    std::vector<unsigned char> bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<unsigned char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}

std::string hex_of(const void* memory, std::size_t bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) {
        const unsigned char byte = static_cast<const unsigned char*>(memory)[i];
        text += {kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return text;
}

// The kernel: knows which queues there are, and notes what it is asked about them.
struct Kernel {
    std::mutex mutex;
    std::vector<std::string> updates;  // hexadecimal
    int fail_from = INT32_MAX;         // the number of the first update that fails
    int fail_count = INT32_MAX;        // how many fail from there on
    int error = EIO;
    int strange_fd_count = 0;
    std::set<std::uint32_t> alive;
    int dead_update_count = 0;
};

Kernel g_kernel;

int answer(int fd, unsigned long request, const void* argument) {
    const std::lock_guard guard(g_kernel.mutex);
    if (fd != kFd) g_kernel.strange_fd_count += 1;
    if (argument == nullptr) return 0;
    if (kfd::kind_of(request) == kfd::Call::kCreate) {
        g_kernel.alive.insert(kfd::read_create(argument).queue_id);
    } else if (kfd::kind_of(request) == kfd::Call::kDestroy) {
        g_kernel.alive.erase(kfd::read_destroy(argument).queue_id);
    }
    if (request != kfd::kUpdateRequest) return 0;
    const int number = static_cast<int>(g_kernel.updates.size());
    g_kernel.updates.push_back(hex_of(argument, sizeof(kfd::UpdateQueue)));
    if (g_kernel.alive.count(kfd::read_update(argument).queue_id) == 0) {
        g_kernel.dead_update_count += 1;
    }
    if (number < g_kernel.fail_from || number - g_kernel.fail_from >= g_kernel.fail_count) return 0;
    errno = g_kernel.error;
    return -1;
}

int kernel_ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    const void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    const int result = answer(fd, request, argument);
    // The caller learns later what has happened, and others may call meanwhile.
    if (request == kfd::kDestroyRequest) std::this_thread::sleep_for(std::chrono::microseconds(20));
    return result;
}

class KfdQueuesTest : public testing::Test {
 protected:
    KfdQueuesTest() {
        g_kernel.updates.clear();
        g_kernel.fail_from = INT32_MAX;
        g_kernel.fail_count = INT32_MAX;
        g_kernel.error = EIO;
        g_kernel.strange_fd_count = 0;
        g_kernel.alive.clear();
        g_kernel.dead_update_count = 0;
        queues_.set_ioctl(&kernel_ioctl);
        queues_.set_mode(Mode::kPriority);
    }

    int pass(const test::kfd::Ioctl& call) {
        std::vector<unsigned char> argument = bytes_of(call.argument);
        EXPECT_EQ(argument.size(), _IOC_SIZE(call.request));
        return queues_.pass(kFd, call.request, argument.data());
    }

    // Three queues, of which one has been changed; the updates of the library are not noted.
    void start_program() {
        pass(test::kfd::kCreateFirst);
        pass(test::kfd::kCreateSdma);
        pass(test::kfd::kCreateSecond);
        pass(test::kfd::kUpdateSecond);
        g_kernel.updates.clear();
    }

    static auto sent(std::initializer_list<const char*> updates) {
        std::vector<std::string> expected;
        for (const char* update : updates)
            expected.push_back(plain(update));
        return testing::ElementsAreArray(expected);
    }

    KfdQueues queues_;
};

TEST_F(KfdQueuesTest, ComputeQueuesGetTheLowestLevelAndTheirOwnBack) {
    start_program();
    EXPECT_EQ(queues_.counts().queues, 2U);
    EXPECT_TRUE(queues_.give_way(kGpuId, true));
    EXPECT_TRUE(queues_.give_way(kGpuId, true)) << "nothing to do, but still so";
    EXPECT_THAT(g_kernel.updates, sent({test::kfd::kFirstLow, test::kfd::kSecondLow}));
    g_kernel.updates.clear();
    EXPECT_FALSE(queues_.give_way(kGpuId, false));
    EXPECT_FALSE(queues_.give_way(kGpuId, false));
    EXPECT_THAT(g_kernel.updates, sent({test::kfd::kFirstBack, test::kfd::kSecondBack}));
    EXPECT_EQ(queues_.counts().changed, 2U);
    EXPECT_EQ(queues_.counts().restored, 2U);
    EXPECT_EQ(g_kernel.strange_fd_count, 0);
}

TEST_F(KfdQueuesTest, AQueueMadeOrChangedMeanwhileGivesWayToo) {
    pass(test::kfd::kCreateFirst);
    queues_.give_way(kGpuId, true);
    pass(test::kfd::kCreateSecond);
    pass(test::kfd::kUpdateSecond);  // the library's own, and then ours again
    EXPECT_THAT(g_kernel.updates,
                sent({test::kfd::kFirstLow,
                      test::kfd::kSecondNewLow,
                      test::kfd::kUpdateSecond.argument,
                      test::kfd::kSecondLow}));
    g_kernel.updates.clear();
    queues_.give_way(kGpuId, false);
    EXPECT_THAT(g_kernel.updates, sent({test::kfd::kFirstBack, test::kfd::kSecondBack}));
}

TEST_F(KfdQueuesTest, WhatIsDestroyedIsForgotten) {
    start_program();
    queues_.give_way(kGpuId, true);
    g_kernel.updates.clear();
    pass(test::kfd::kDestroyFirst);
    queues_.give_way(kGpuId, false);
    EXPECT_THAT(g_kernel.updates, sent({test::kfd::kSecondBack}));
    EXPECT_EQ(queues_.counts().queues, 1U);
}

TEST_F(KfdQueuesTest, AnotherGpuIsLeftAlone) {
    start_program();
    EXPECT_FALSE(queues_.give_way(kGpuId + 1, true));
    EXPECT_FALSE(queues_.give_way(0, true));
    EXPECT_THAT(g_kernel.updates, IsEmpty());
}

TEST_F(KfdQueuesTest, InPercentageQueuesAreTakenOffForAMoment) {
    queues_.set_mode(Mode::kPercentage);
    start_program();
    EXPECT_FALSE(queues_.give_way(kGpuId, true)) << "they are back when it returns";
    EXPECT_THAT(g_kernel.updates,
                sent({test::kfd::kFirstOff,
                      test::kfd::kSecondOff,
                      test::kfd::kFirstBack,
                      test::kfd::kSecondBack}));
    g_kernel.updates.clear();
    queues_.give_way(kGpuId, true);
    queues_.give_way(kGpuId, false);
    EXPECT_THAT(g_kernel.updates, IsEmpty());
    EXPECT_EQ(queues_.counts().restored, 2U);
}

TEST_F(KfdQueuesTest, AnotherThreadMayEndTheMoment) {
    queues_.set_mode(Mode::kPercentage);
    start_program();
    std::thread other([this] {
        while (queues_.counts().changed < 2)
            std::this_thread::yield();
        queues_.give_way(kGpuId, false);
    });
    queues_.give_way(kGpuId, true);
    other.join();
    EXPECT_EQ(g_kernel.updates.size(), 4U) << "each is given back once";
    EXPECT_EQ(queues_.counts().restored, 2U);
}

TEST_F(KfdQueuesTest, ExitEndsTheMoment) {
    queues_.set_mode(Mode::kPercentage);
    start_program();
    std::thread other([this] {
        while (queues_.counts().changed < 2)
            std::this_thread::yield();
        queues_.restore();
    });
    queues_.give_way(kGpuId, true);
    other.join();
    EXPECT_EQ(g_kernel.updates.size(), 4U);
    EXPECT_EQ(queues_.counts().restored, 2U);
    EXPECT_EQ(queues_.mode(), Mode::kOff);
}

TEST_F(KfdQueuesTest, WhatTheLibraryTookOffStaysOff) {
    const test::kfd::Ioctl suspend{test::kfd::kUpdate, test::kfd::kFirstOff};
    pass(test::kfd::kCreateFirst);
    pass(suspend);
    g_kernel.updates.clear();
    queues_.give_way(kGpuId, true);
    queues_.give_way(kGpuId, false);
    EXPECT_THAT(g_kernel.updates,
                sent({"000000403e7f0000 00000000 00001000 00000000 02000000", suspend.argument}));
    queues_.set_mode(Mode::kPercentage);
    g_kernel.updates.clear();
    queues_.give_way(kGpuId, true);
    EXPECT_THAT(g_kernel.updates, IsEmpty());
}

TEST_F(KfdQueuesTest, TheUpperByteOfThePercentageIsKept) {
    const test::kfd::Ioctl target{test::kfd::kUpdate,
                                  "000000403e7f0000 00000000 00001000 64030000 07000000"};
    queues_.set_mode(Mode::kPercentage);
    pass(test::kfd::kCreateFirst);
    pass(target);
    g_kernel.updates.clear();
    queues_.give_way(kGpuId, true);
    EXPECT_THAT(g_kernel.updates,
                sent({"000000403e7f0000 00000000 00001000 00030000 07000000", target.argument}));
}

TEST_F(KfdQueuesTest, ACallThatIsRefusedEndsItForGood) {
    start_program();
    g_kernel.fail_from = 1;
    g_kernel.fail_count = 1;
    EXPECT_FALSE(queues_.give_way(kGpuId, true));
    EXPECT_THAT(g_kernel.updates,
                sent({test::kfd::kFirstLow, test::kfd::kSecondLow, test::kfd::kFirstBack}));
    EXPECT_EQ(queues_.mode(), Mode::kOff);
    EXPECT_EQ(queues_.counts().failed, 1U);
    g_kernel.updates.clear();
    queues_.give_way(kGpuId, false);
    queues_.give_way(kGpuId, true);
    pass(test::kfd::kUpdateSecond);
    EXPECT_THAT(g_kernel.updates, sent({test::kfd::kUpdateSecond.argument}));
}

TEST_F(KfdQueuesTest, GivingBackIsTriedMoreThanOnce) {
    start_program();
    queues_.give_way(kGpuId, true);
    g_kernel.updates.clear();
    g_kernel.fail_from = 0;
    g_kernel.fail_count = 2;
    queues_.give_way(kGpuId, false);
    EXPECT_EQ(queues_.counts().restored, 2U);
    EXPECT_EQ(queues_.counts().stranded, 0U);
    EXPECT_EQ(queues_.mode(), Mode::kPriority);

    queues_.give_way(kGpuId, true);
    g_kernel.updates.clear();
    g_kernel.fail_count = INT32_MAX;
    queues_.give_way(kGpuId, false);
    EXPECT_EQ(queues_.counts().stranded, 2U);
    EXPECT_EQ(g_kernel.updates.size(), 6U);
    EXPECT_EQ(queues_.mode(), Mode::kOff);
}

TEST_F(KfdQueuesTest, ACallThatASignalInterruptsIsMadeAgain) {
    pass(test::kfd::kCreateFirst);
    g_kernel.error = EINTR;
    g_kernel.fail_from = 0;
    g_kernel.fail_count = 2;
    EXPECT_TRUE(queues_.give_way(kGpuId, true));
    EXPECT_EQ(g_kernel.updates.size(), 3U);
    EXPECT_EQ(queues_.counts().failed, 0U);
}

TEST_F(KfdQueuesTest, AtExitEverythingIsGivenBack) {
    start_program();
    queues_.give_way(kGpuId, true);
    g_kernel.updates.clear();
    queues_.restore();
    EXPECT_THAT(g_kernel.updates, sent({test::kfd::kFirstBack, test::kfd::kSecondBack}));
    queues_.give_way(kGpuId, false);
    queues_.give_way(kGpuId, true);
    EXPECT_EQ(g_kernel.updates.size(), 2U);
}

TEST_F(KfdQueuesTest, AForkedChildStartsAnew) {
    start_program();
    queues_.give_way(kGpuId, true);
    queues_.forget();
    g_kernel.updates.clear();
    EXPECT_EQ(queues_.counts().queues, 0U);
    queues_.give_way(kGpuId, false);
    EXPECT_THAT(g_kernel.updates, IsEmpty());
    pass(test::kfd::kCreateFirst);
    EXPECT_TRUE(queues_.give_way(kGpuId, true));
}

TEST_F(KfdQueuesTest, UnknownRequestsAndSizesAreIgnored) {
    std::vector<unsigned char> memory = bytes_of(test::kfd::kCreateFirst.argument);
    memory.resize(1024);
    for (const unsigned long request : {_IOC(_IOC_READ | _IOC_WRITE, 'K', 0x02U, 80U),
                                        _IOC(_IOC_READ | _IOC_WRITE, 'K', 0x02U, 512U),
                                        _IOC(_IOC_READ | _IOC_WRITE, 'K', 0x08U, 96U),
                                        _IOC(_IOC_READ | _IOC_WRITE, 'F', 0x02U, 96U)}) {
        EXPECT_EQ(queues_.pass(kFd, request, memory.data()), 0);
    }
    EXPECT_EQ(queues_.pass(kFd, test::kfd::kCreate, nullptr), 0);
    EXPECT_EQ(queues_.counts().queues, 0U);
    pass(test::kfd::kCreateFirst);
    EXPECT_EQ(queues_.pass(kFd, _IOC(_IOC_READ | _IOC_WRITE, 'K', 0x03U, 16U), memory.data()), 0);
    EXPECT_EQ(queues_.counts().queues, 1U);
    // The form of older libraries, and a later one.
    EXPECT_EQ(queues_.pass(kFd, kfd::kCreateRequest, memory.data()), 0);
    EXPECT_EQ(queues_.pass(kFd, _IOC(_IOC_READ | _IOC_WRITE, 'K', 0x02U, 128U), memory.data()), 0);
    EXPECT_EQ(queues_.counts().queues, 3U);
}

TEST_F(KfdQueuesTest, SwitchedOffItIsNotThere) {
    queues_.set_mode(Mode::kOff);
    start_program();
    EXPECT_EQ(queues_.counts().queues, 0U);
    EXPECT_FALSE(queues_.give_way(kGpuId, true));
    EXPECT_THAT(g_kernel.updates, IsEmpty());
}

TEST_F(KfdQueuesTest, TheLibrarySeesTheKernelsAnswer) {
    start_program();
    queues_.give_way(kGpuId, true);
    g_kernel.updates.clear();
    g_kernel.fail_from = 0;
    g_kernel.fail_count = 1;
    g_kernel.error = ENODEV;
    errno = 0;
    EXPECT_EQ(pass(test::kfd::kUpdateSecond), -1);
    EXPECT_EQ(errno, ENODEV);
    EXPECT_EQ(g_kernel.updates.size(), 1U) << "what failed has changed nothing";
    g_kernel.fail_count = INT32_MAX;
    errno = 7;
    queues_.give_way(kGpuId, false);
    EXPECT_EQ(errno, 7);
}

TEST_F(KfdQueuesTest, QueuesWithoutAPlaceStayAsTheyAre) {
    for (int i = 0; i < 200; ++i)
        pass(test::kfd::kCreateFirst);
    EXPECT_EQ(queues_.counts().queues + queues_.counts().unseen, 200U);
    EXPECT_GT(queues_.counts().unseen, 0U);
}

// Queues come and go while others outrank the process and stop doing so: a call of ours never
// reaches a queue that is gone, and in the end each has what the library gave it.
TEST_F(KfdQueuesTest, CallsOfTheLibraryAndOursDoNotOverlap) {
    constexpr int kRounds = 200;
    const auto program = [this](std::uint32_t first_id) {
        for (int round = 0; round < kRounds; ++round) {
            kfd::CreateQueue made{};
            made.gpu_id = kGpuId;
            made.type = kfd::kTypeComputeAql;
            made.percentage = 100;
            made.priority = 7;
            made.queue_id = first_id + static_cast<std::uint32_t>(round % 3);
            queues_.pass(kFd, kfd::kCreateRequest, &made);
            kfd::UpdateQueue update{0, made.queue_id, 0, 100, 11};
            queues_.pass(kFd, kfd::kUpdateRequest, &update);
            kfd::DestroyQueue destroy{made.queue_id, 0};
            queues_.pass(kFd, kfd::kDestroyRequest, &destroy);
        }
    };
    std::thread one(program, 10);
    std::thread other(program, 20);
    for (int round = 0; round < kRounds; ++round) {
        queues_.give_way(kGpuId, round % 2 == 0);
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    one.join();
    other.join();
    EXPECT_EQ(g_kernel.dead_update_count, 0);
    EXPECT_EQ(queues_.counts().failed, 0U);
    EXPECT_EQ(queues_.counts().queues, 0U);
}

}  // namespace
}  // namespace headway::device
