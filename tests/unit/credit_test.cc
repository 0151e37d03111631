#include "gate/credit.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace headway::gate {
namespace {

TEST(Credit, NoneAtFirst) {
    Credit credit;
    EXPECT_FALSE(credit.spend(1));
    EXPECT_EQ(credit.take().launches, 0U);
}

TEST(Credit, PaysForWhatFitsAndIsKnown) {
    Credit credit;
    credit.grant(1000, 7);
    EXPECT_FALSE(credit.spend(0));
    EXPECT_FALSE(credit.spend(1001));
    EXPECT_TRUE(credit.spend(600));
    EXPECT_FALSE(credit.spend(401));
    EXPECT_TRUE(credit.spend(400));
    const Credit::Spent spent = credit.take();
    EXPECT_EQ(spent.ns, 1000U);
    EXPECT_EQ(spent.launches, 2U);
    EXPECT_EQ(spent.since_ns, 7U);
    EXPECT_FALSE(credit.spend(1));
    EXPECT_EQ(credit.take().launches, 0U);
}

TEST(Credit, EndsAfterSoManyLaunches) {
    Credit credit;
    credit.grant(1'000'000, 0);
    std::uint32_t launches = 0;
    while (credit.spend(1))
        ++launches;
    EXPECT_EQ(launches, 65'535U);
    EXPECT_EQ(credit.take().launches, launches);
}

TEST(Credit, ThreadsNeverSpendMoreThanThereIs) {
    Credit credit;
    credit.grant(30'000, 0);
    std::atomic<std::uint32_t> launches{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (credit.spend(3))
                launches.fetch_add(1);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(launches.load(), 10'000U);
    EXPECT_EQ(credit.take().ns, 30'000U);
}

}  // namespace
}  // namespace headway::gate
