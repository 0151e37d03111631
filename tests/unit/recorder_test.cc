// The recorder of `headway trace`: a real board, and a lane that goes on while the trace ends.
#include "cli/trace/recorder.h"

#include "base/clock.h"
#include "board/board.h"
#include "board/trace_ring.h"
#include "tests/support/temporary_boards.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

namespace headway::cli {
namespace {

// Makes active spans one after the other, each of a few microseconds, until it is stopped.
class BusyLane {
 public:
    BusyLane(const board::Board& board, std::uint32_t index)
        : slot_(board.slot(index)), thread_([this] { work(); }) {}

    BusyLane(const BusyLane&) = delete;
    BusyLane& operator=(const BusyLane&) = delete;
    BusyLane(BusyLane&&) = delete;
    BusyLane& operator=(BusyLane&&) = delete;

    ~BusyLane() {
        if (thread_.joinable()) stop();
    }

    // Spans that have begun.
    std::size_t count() const { return count_.load(); }

    // Their starts, in nanoseconds.
    std::vector<std::uint64_t> stop() {
        stopped_.store(true);
        thread_.join();
        return starts_;
    }

 private:
    void work() {
        while (!stopped_.load()) {
            const std::uint64_t start_ns = now_ns() & ~std::uint64_t{1};  // as they are kept
            starts_.push_back(start_ns);
            board::record_active(slot_, start_ns, start_ns + kNsPerS);
            count_.fetch_add(1);
            while (now_ns() < start_ns + 2 * kNsPerUs) {
            }
            board::record_inactive(slot_, now_ns());
        }
    }

    board::LaneSlot& slot_;
    std::atomic<bool> stopped_{false};
    std::atomic<std::size_t> count_{0};
    std::vector<std::uint64_t> starts_;
    std::thread thread_;
};

// What ends while the recorder finishes is on the ring or still open, and is in the trace once.
TEST(Recorder, ASpanThatEndsWithTheTraceIsInItOnce) {
    const test::TemporaryBoards boards;
    Result<board::Board> board = board::Board::open("cpu");
    ASSERT_TRUE(board.ok());
    const Result<std::uint32_t> index = board.value().attach(0, "busy");
    ASSERT_TRUE(index.ok());
    int whole_count = 0;
    for (int round = 0; round < 300; ++round) {
        Recorder recorder;
        ASSERT_TRUE(recorder.start("cpu").ok());
        BusyLane lane(board.value(), index.value());
        while (lane.count() < 10) {
        }
        const std::size_t begun = lane.count();
        const Trace trace = recorder.finish();
        const std::vector<std::uint64_t> starts = lane.stop();
        std::multiset<std::uint64_t> seen;
        for (const TraceSpan& span : trace.spans) {
            seen.insert(span.start_ns);
            EXPECT_LE(span.start_ns + span.duration_ns, trace.end_ns);
        }
        std::uint64_t missing_count = 0;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const std::size_t count = seen.count(starts[i]);
            EXPECT_LE(count, 1U) << "round " << round << ", span " << i;
            if (count == 0 && i < begun) ++missing_count;
        }
        // Where this thread was interrupted, the lane has overwritten some, and the trace says so.
        EXPECT_LE(missing_count, trace.lost_count) << "round " << round;
        if (trace.lost_count == 0) ++whole_count;
    }
    EXPECT_GT(whole_count, 0);
    board.value().detach(index.value());
}

}  // namespace
}  // namespace headway::cli
