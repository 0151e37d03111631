#include "shim/gpu/completion.h"

#include "device/host.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace headway::gpu {
namespace {

constexpr std::uintptr_t kEvent = 77;

TEST(Completion, AStreamThatIsSynchronisedIsDone) {
    Completion completion;
    completion.launched(0, 1);
    EXPECT_TRUE(completion.stream_done(0, 2));
    EXPECT_FALSE(completion.stream_done(5, 2));  // never seen
}

TEST(Completion, OtherStreamsMustBeDoneToo) {
    Completion completion;
    completion.launched(0, 1);
    completion.launched(5, 1);
    EXPECT_FALSE(completion.stream_done(0, 2));
    EXPECT_TRUE(completion.stream_done(5, 2));
}

TEST(Completion, AStreamThatNobodyLooksAtIsForgotten) {
    Completion completion;
    completion.launched(5, 1);
    completion.launched(0, Completion::kForgottenNs);
    EXPECT_FALSE(completion.stream_done(0, Completion::kForgottenNs));
    EXPECT_TRUE(completion.stream_done(0, Completion::kForgottenNs + 1));
}

TEST(Completion, AnEventStandsForWhatWasLaunchedBeforeIt) {
    Completion completion;
    completion.launched(0, 1);
    completion.event_recorded(kEvent, 0);
    EXPECT_TRUE(completion.event_done(kEvent, 2));
    completion.launched(0, 3);
    EXPECT_FALSE(completion.event_done(kEvent, 4));
    completion.event_recorded(kEvent, 0);
    EXPECT_TRUE(completion.event_done(kEvent, 5));
}

TEST(Completion, ADestroyedEventIsUnknown) {
    Completion completion;
    completion.launched(0, 1);
    completion.event_recorded(kEvent, 0);
    completion.event_destroyed(kEvent);
    EXPECT_FALSE(completion.event_done(kEvent, 2));
}

TEST(Completion, ManyEventsForgetTheOldest) {
    Completion completion;
    completion.launched(0, 1);
    for (std::uintptr_t event = 1; event <= 1000; ++event)
        completion.event_recorded(event, 0);
    EXPECT_FALSE(completion.event_done(1, 2));
    EXPECT_TRUE(completion.event_done(1000, 2));
}

TEST(Completion, TooManyStreamsLoseTrackUntilEverythingIsDone) {
    Completion completion;
    for (std::uintptr_t stream = 0; stream < 100; ++stream)
        completion.launched(stream, 1);
    for (std::uintptr_t stream = 0; stream < 100; ++stream) {
        EXPECT_FALSE(completion.stream_done(stream, 2));
    }
    EXPECT_TRUE(completion.all_done());
    completion.launched(3, 4);
    EXPECT_TRUE(completion.stream_done(3, 5));
}

TEST(Completion, EveryLaneHasOneOfItsOwn) {
    device::HostDevice host;
    std::vector<gate::SharedLane*> lanes;
    std::set<Completion*> all;
    for (int i = 0; i < 200; ++i) {
        lanes.push_back(gate::SharedLane::create(host, gate::real_platform()));
        ASSERT_NE(lanes.back(), nullptr);
        all.insert(&completion_of(*lanes.back()));
        EXPECT_EQ(&completion_of(*lanes.back()), &completion_of(*lanes.back()));
    }
    EXPECT_EQ(all.size(), lanes.size());
    for (gate::SharedLane* lane : lanes)
        lane->remove_user();
}

TEST(Completion, ManyStreamsTakeTurnsInItsPlaces) {
    Completion completion;
    for (std::uintptr_t stream = 1; stream <= 100; ++stream) {
        completion.launched(stream, stream);
        EXPECT_TRUE(completion.stream_done(stream, stream + 1)) << stream;
    }
}

}  // namespace
}  // namespace headway::gpu
