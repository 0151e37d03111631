// When the next request of a lane should come: learned from the times at which requests came so
// far.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <cstdint>

namespace headway::gate {

// A time and how far off it may be; time_ns == 0: it cannot be told.
struct ExpectedArrival {
    std::uint64_t time_ns = 0;
    std::uint64_t slack_ns = 0;
    std::uint64_t period_ns = 0;
};

// Sees a period where requests come evenly (a camera, a control loop, a client with a fixed rate),
// and none where they come at random: then it expects nothing, and costs nothing. Not thread-safe;
// updates that are lost between threads only make the learning slower.
class ArrivalLearner {
 public:
    // Work that follows the lane's last by less than this belongs to the same request.
    static constexpr std::uint64_t kRequestPauseNs = kNsPerMs;

    // A lane turned busy at `now_ns`; its last work was seen to be over at `last_end_ns` (0: never
    // yet). Returns whether that is a new request.
    bool observe(std::uint64_t now_ns, std::uint64_t last_end_ns) noexcept {
        if (last_end_ns != 0 && now_ns < last_end_ns + kRequestPauseNs) return false;
        const std::uint64_t interval_ns = now_ns - std::min(now_ns, last_ns_);
        // 0: of two threads, the one that looked at the clock first came here last.
        const bool known = last_ns_ != 0 && interval_ns != 0 && interval_ns <= kLongestPeriodNs;
        last_ns_ = now_ns;
        if (!known) {
            count_ = 0;
        } else if (count_ == 0) {
            period_ns_ = static_cast<std::int64_t>(interval_ns);
            deviation_ns_ = 0;
            expected_ns_ = now_ns + interval_ns;
            count_ = 1;
        } else {
            follow(static_cast<std::int64_t>(now_ns) - static_cast<std::int64_t>(expected_ns_));
        }
        return true;
    }

    ExpectedArrival next() const noexcept {
        if (count_ < kCountMin || deviation_ns_ > period_ns_ / kRegularity) return {};
        const std::int64_t slack_ns = std::max(kSlackPerDeviation * deviation_ns_, kSlackMinNs);
        return {expected_ns_,
                static_cast<std::uint64_t>(std::min(slack_ns, period_ns_ / 8)),
                static_cast<std::uint64_t>(period_ns_)};
    }

 private:
    static constexpr std::uint64_t kLongestPeriodNs = 10 * kNsPerS;
    static constexpr std::uint32_t kCountMin = 8;    // requests before anything is expected
    static constexpr std::uint32_t kMemory = 16;     // requests that the deviation is taken over
    static constexpr std::int64_t kRegularity = 20;  // period / mean deviation, at least
    static constexpr std::int64_t kSlackPerDeviation = 3;
    static constexpr std::int64_t kSlackMinNs = 100'000;
    // Requests of a row that may be missing, since the one before took until they came: so many at
    // once, and so often one after another. More of them are another row.
    static constexpr std::int64_t kMissedMax = 4;
    static constexpr std::uint32_t kMissedInARowMax = 2;

    // A request came that much after the time at which it was expected. Follows the row with a
    // phase-locked loop: single requests that come late do not shift what is expected after them.
    void follow(std::int64_t error_ns) noexcept {
        const std::int64_t missed =
            std::max<std::int64_t>((error_ns + period_ns_ / 2) / period_ns_, 0);
        missed_in_a_row_ = missed != 0 ? missed_in_a_row_ + 1 : 0;
        error_ns -= missed * period_ns_;
        const std::int64_t size = error_ns < 0 ? -error_ns : error_ns;
        const bool other_row =
            size > period_ns_ / 2 || missed > kMissedMax || missed_in_a_row_ > kMissedInARowMax;
        if (other_row) {
            count_ = missed_in_a_row_ = 0;
            return;
        }
        // The mean of the first ones, then a moving one: that begins with what was seen, and not
        // with a guess that takes fifty requests to fade.
        deviation_ns_ += (size - deviation_ns_) / static_cast<std::int64_t>(count_);
        count_ = std::min(count_ + 1, kMemory);
        period_ns_ += error_ns / 32;
        expected_ns_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(expected_ns_) +
                                                  error_ns / 4 + period_ns_ * (1 + missed));
    }

    std::uint64_t last_ns_ = 0;
    std::uint64_t expected_ns_ = 0;
    std::int64_t period_ns_ = 0;
    std::int64_t deviation_ns_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t missed_in_a_row_ = 0;
};

}  // namespace headway::gate
