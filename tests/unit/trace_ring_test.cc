// The ring of trace events, and how lanes write to it: virtual time, real board.
#include "board/trace_ring.h"

#include "base/clock.h"
#include "device/host.h"
#include "gate/lane.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace headway::board {
namespace {

class TraceRing : public ::testing::Test {
 protected:
    std::vector<TraceEvent> read_all(TraceCursor& cursor) {
        std::vector<TraceEvent> events;
        TraceEvent event;
        std::uint64_t number = 0;
        while (cursor.read(*slot_, &event, &number) == TraceCursor::Read::kEvent)
            events.push_back(event);
        return events;
    }

    const std::unique_ptr<LaneSlot> slot_ = std::make_unique<LaneSlot>();
};

TEST_F(TraceRing, EventsComeOutAsTheyWentIn) {
    TraceCursor cursor(*slot_);
    record_event(*slot_, {TraceKind::kHold, 7, 123'456'789'012, 3'000});
    record_event(*slot_, {TraceKind::kTimeout, kNoPeer, 5, UINT64_MAX});
    const std::vector<TraceEvent> events = read_all(cursor);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, TraceKind::kHold);
    EXPECT_EQ(events[0].peer, 7U);
    EXPECT_EQ(events[0].start_ns, 123'456'789'012U);
    EXPECT_EQ(events[0].duration_ns, 3'000U);
    EXPECT_EQ(events[1].peer, kNoPeer);
    EXPECT_EQ(events[1].duration_ns, (std::uint64_t{1} << 40) - 1) << "cut";
    EXPECT_EQ(cursor.lost_count(), 0U);
}

TEST_F(TraceRing, ASlowReaderLosesTheOldestAndKnowsHowMany) {
    TraceCursor cursor(*slot_);
    for (std::uint64_t i = 0; i < kTraceEventCount + 30; ++i)
        record_event(*slot_, {TraceKind::kActive, kNoPeer, i, 0});
    const std::vector<TraceEvent> events = read_all(cursor);
    ASSERT_EQ(events.size(), kTraceEventCount);
    EXPECT_EQ(events.front().start_ns, 30U);
    EXPECT_EQ(cursor.lost_count(), 30U);
}

TEST_F(TraceRing, AReaderStartsWithWhatComesAfterIt) {
    record_event(*slot_, {TraceKind::kActive, kNoPeer, 1, 0});
    TraceCursor cursor(*slot_);
    EXPECT_TRUE(read_all(cursor).empty());
    record_event(*slot_, {TraceKind::kActive, kNoPeer, 2, 0});
    ASSERT_EQ(read_all(cursor).size(), 1U);
}

TEST_F(TraceRing, AnEventThatIsNeverCompletedIsGivenUp) {
    TraceCursor cursor(*slot_);
    slot_->trace_count.fetch_add(1);  // a writer that died between its steps
    record_event(*slot_, {TraceKind::kActive, kNoPeer, 9, 0});
    std::vector<TraceEvent> events;
    for (int look = 0; look < 1000 && events.empty(); ++look)
        events = read_all(cursor);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].start_ns, 9U);
    EXPECT_EQ(cursor.lost_count(), 1U);
}

TEST_F(TraceRing, ACountThatJumpsBackIsFollowed) {
    TraceCursor cursor(*slot_);
    slot_->trace_count.store(UINT64_MAX - 5);
    read_all(cursor);
    slot_->trace_count.store(3);
    read_all(cursor);
    record_event(*slot_, {TraceKind::kActive, kNoPeer, 4, 0});
    EXPECT_EQ(read_all(cursor).size(), 1U);
}

TEST_F(TraceRing, WritersAndAReaderAtOnceNeverMixEvents) {
    TraceCursor cursor(*slot_);
    std::atomic<int> writing{2};
    const auto write = [&](std::uint64_t salt) {
        for (std::uint64_t i = 1; i <= 20'000; ++i)
            record_event(*slot_, {TraceKind::kHold, kNoPeer, i * 4 + salt, i * 4 + salt});
        writing.fetch_sub(1);
    };
    std::thread first(write, 1);
    std::thread second(write, 2);
    std::uint64_t read_count = 0;
    bool done = false;
    while (!done) {
        done = writing.load() == 0;
        for (const TraceEvent& event : read_all(cursor)) {
            ASSERT_EQ(event.start_ns, event.duration_ns);
            ++read_count;
        }
    }
    first.join();
    second.join();
    EXPECT_EQ(read_count + cursor.lost_count(), 40'000U);
    EXPECT_GT(read_count, 0U);
}

TEST_F(TraceRing, ActivityIsOneSpanUntilItsEnd) {
    TraceCursor cursor(*slot_);
    record_active(*slot_, 1000, 1500);
    record_active(*slot_, 1400, 1900);
    EXPECT_TRUE(read_all(cursor).empty());
    record_active(*slot_, 5000, 5500);  // the one before ended at 1900
    record_inactive(*slot_, 5200);
    record_inactive(*slot_, 5300);  // nothing goes on
    const std::vector<TraceEvent> events = read_all(cursor);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].start_ns, 1000U);
    EXPECT_EQ(events[0].duration_ns, 900U);
    EXPECT_EQ(events[1].start_ns, 5000U);
    EXPECT_EQ(events[1].duration_ns, 200U);
}

// Lanes on a real board.
class TracedLanes : public ::testing::Test {
 protected:
    std::unique_ptr<gate::Lane> open(std::int32_t priority) {
        auto lane = std::make_unique<gate::Lane>(host_, gate::real_platform());
        gate::LaneOptions options;
        options.priority = priority;
        EXPECT_TRUE(lane->open(options).ok());
        return lane;
    }

    static void launch(gate::Lane& lane) { lane.after({}, lane.before({}), true); }

    test::TemporaryBoards boards_;
    device::HostDevice host_;
};

TEST_F(TracedLanes, ALaneIsNotAloneWhileItIsTraced) {
    const auto lane = open(0);
    launch(*lane);
    EXPECT_TRUE(lane->alone());
    Result<Board> board = Board::open("cpu");
    ASSERT_TRUE(board.ok());
    ASSERT_TRUE(board.value().begin_trace(now_ns()));
    EXPECT_FALSE(lane->alone());
    launch(*lane);
    EXPECT_FALSE(lane->alone());
    lane->idle();
    TraceCursor cursor;
    TraceEvent event;
    std::uint64_t number = 0;
    EXPECT_EQ(cursor.read(board.value().slot(0), &event, &number), TraceCursor::Read::kEvent);
    EXPECT_EQ(event.kind, TraceKind::kActive);
    board.value().end_trace(this_process());
    launch(*lane);
    EXPECT_TRUE(lane->alone());
    EXPECT_EQ(cursor.read(board.value().slot(0), &event, &number), TraceCursor::Read::kNothing);
}

TEST_F(TracedLanes, OneRecorderAtATimeUnlessItsBeatStopped) {
    Result<Board> board = Board::open("cpu");
    ASSERT_TRUE(board.ok());
    const std::uint64_t now = now_ns();
    ASSERT_TRUE(board.value().begin_trace(now));
    EXPECT_FALSE(board.value().begin_trace(now + kTracerLeaseNs / 2));
    EXPECT_TRUE(board.value().begin_trace(now + 2 * kTracerLeaseNs));
    board.value().end_trace(this_process() + 1);  // another's
    EXPECT_NE(board.value().header().tracer.load(), 0U);
    board.value().end_trace(this_process());
    EXPECT_EQ(board.value().header().tracer.load(), 0U);
}

TEST_F(TracedLanes, LanesEndATraceWhoseRecorderIsGone) {
    const auto lane = open(0);
    Result<Board> board = Board::open("cpu");
    ASSERT_TRUE(board.ok());
    ASSERT_TRUE(board.value().begin_trace(now_ns() - 2 * kTracerLeaseNs));
    launch(*lane);
    EXPECT_EQ(board.value().header().tracer.load(), 0U);
    launch(*lane);
    EXPECT_TRUE(lane->alone());
}

TEST_F(TracedLanes, AForeignWordIsEndedToo) {
    const auto lane = open(0);
    Result<Board> board = Board::open("cpu");
    ASSERT_TRUE(board.ok());
    board.value().header().tracer.store(UINT64_MAX);
    board.value().header().tracer_beat_ns.store(UINT64_MAX);  // from the future
    board.value().announce();
    launch(*lane);
    EXPECT_EQ(board.value().header().tracer.load(), 0U);
}

}  // namespace
}  // namespace headway::board
