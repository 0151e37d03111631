// How much launched-but-unfinished work a lane has on its device, and how much it may have.
//
// The window is a budget of predicted time: the next launch may go when with it at most `budget_ns`
// of work is predicted to be left on the device; so small kernels run many deep, and a kernel that
// exceeds the budget by itself follows the running one just before that ends. At least one launch
// is always let through. While it is known when a rival's next request comes, the budget is what
// ends before that. Progress is known from markers: the device stores a track's marker value, in
// stream order, into a word of the board.
#pragma once

#include "base/clock.h"
#include "board/layout.h"
#include "gate/cost_model.h"
#include "gate/credit.h"
#include "gate/launch.h"
#include "gate/lost_charges.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace headway::gate {

struct WindowLimits {
    std::uint32_t threshold = 4;   // most unfinished big commands
    std::uint32_t batch_size = 2;  // big commands between two markers
    std::uint64_t budget_ns = 0;   // most unfinished predicted work

    // A command at least this long is big; a shorter one counts only as its share of the budget.
    std::uint64_t big_ns = budget_ns / threshold;

    bool operator==(const WindowLimits&) const noexcept = default;
};

// Not thread-safe: its lanes lock. Reads no clock and waits for nothing.
class Window {
 public:
    // A lane's page: kTrackCountMax words, into which the device stores the markers that the lane
    // asks for. It must stay until they are reached, or forget_page() is called.
    using Progress = const std::atomic<std::uint32_t>*;

    // A marker that the caller should ask of the device; needed == false: none is due.
    struct Marker {
        bool needed = false;
        device::StreamHandle stream = 0;
        std::uint32_t track = 0;
        std::uint32_t value = 0;
    };

    explicit Window(const WindowLimits& limits) noexcept : limits_(limits) {}

    // Takes in what the device has finished, and learns costs from it. `turn_count`: how often a
    // rival has turned busy so far; work that shared the device with a rival's took less than it
    // seems to have taken.
    void poll(std::uint64_t now_ns, std::uint64_t turn_count) noexcept;

    // A rival has used the device: what goes there next waits for the switch to it.
    void rival_was_served() noexcept { rival_was_served_ = true; }

    // No rival is expected to want the device before `time_ns`; 0: one may at any time.
    void expect_none_until(std::uint64_t time_ns) noexcept { quiet_until_ns_ = time_ns; }

    // What a launch counts in the window.
    struct Charge {
        std::uint64_t predicted_ns = 0;
        bool unknown = false;  // the cost model has not seen it: predicted_ns is a full budget
    };

    // What a launch that may go on credit is predicted to take; 0: it may not, being big or
    // unknown. Thread-safe.
    std::uint64_t small_cost_ns(const Launch& launch) const noexcept {
        const std::uint64_t predicted_ns = costs_.predict(launch.key);
        return predicted_ns < limits_.big_ns ? predicted_ns : 0;
    }

    // How much credit there may be until the next look: half the room in the window, half the
    // budget at most; 0: too little to be worth it.
    std::uint64_t credit_ns(std::uint64_t now_ns) const noexcept;

    // Launches that went on credit.
    void launched_on_credit(device::StreamHandle stream,
                            const Credit::Spent& spent,
                            std::uint64_t now_ns) noexcept;

    // What a launch would be charged now.
    Charge charge(const Launch& launch) const noexcept;

    // Whether a launch of that charge may go now. Polls nothing.
    bool admits(const Charge& charge, std::uint64_t now_ns) const noexcept;

    // When not admitted: the next time at which polling can change that (now_ns: at once).
    std::uint64_t recheck_ns(const Charge& charge, std::uint64_t now_ns) const noexcept;

    // Charges a launch to the window before it goes to the driver.
    void reserve(const Charge& charge) noexcept;

    // The reserved launch went to the driver. Returns the marker that is due after it, on `page`.
    Marker launched(const Launch& launch,
                    const Charge& charge,
                    Progress page,
                    std::uint64_t now_ns) noexcept;

    // The driver did not take the reserved launch.
    void rejected(const Charge& charge) noexcept;

    // Reserved launches of which launched() or rejected() could not be said.
    void lost(const LostCharges::Sum& sum) noexcept {
        forget(sum.ns, sum.launches, sum.big_launches);
    }

    bool is_big(const Charge& charge) const noexcept {
        return charge.predicted_ns >= limits_.big_ns;
    }

    // A marker for work that has none yet, on any track: to be asked for before waiting, and before
    // the first launch of an unknown kernel. needed == false when all work is covered.
    Marker flush(Progress page) noexcept;

    // The program is about to destroy `stream`: a marker for what has none there, to be asked for
    // before that. Afterwards the handle may be that of another stream.
    Marker leave(device::StreamHandle stream, Progress page) noexcept;

    // A marker on `stream` for everything there, which the window itself does not look for. needed
    // == false: one stream too many.
    Marker mark(device::StreamHandle stream) noexcept;

    // True if no marker is on its way: nothing unfinished would ever be seen to end without
    // flush().
    bool blind() const noexcept { return batch_count_ == 0; }

    // The device refused `marker`: the work that it covered is forgotten.
    void refused(const Marker& marker) noexcept;

    // The page goes: the work that markers on it cover is forgotten.
    void forget_page(Progress page) noexcept;

    // Forgets everything unfinished: everything has been observed to be complete, or is beyond
    // knowing.
    void reset() noexcept;

    // Predicted work still on the device, in nanoseconds.
    std::uint64_t outstanding_ns(std::uint64_t now_ns) const noexcept;

    // Predicted work that is launched and not known to be complete, for people: in microseconds, as
    // of the latest poll.
    std::uint32_t unfinished_us() const noexcept {
        return static_cast<std::uint32_t>(
            std::min<std::uint64_t>(unfinished_ns_ / kNsPerUs, UINT32_MAX));
    }

 private:
    static constexpr std::uint32_t kBatchCountMax = 64;  // markers in flight; beyond, launches wait
    static constexpr std::uint32_t kKeyCountMax = 16;    // distinct keys remembered of one batch

    // What a batch consists of: how often each kernel ran. Kernels beyond the room are left out,
    // and learned another time; only their predicted time is kept.
    struct Kernels {
        std::uint32_t count = 0;
        std::array<std::uint64_t, kKeyCountMax> keys{};
        std::array<std::uint32_t, kKeyCountMax> launches{};
        std::uint64_t left_out_ns = 0;

        void add(std::uint64_t key,
                 std::uint32_t launch_count,
                 std::uint64_t predicted_ns) noexcept;
    };

    // How long finished work took, as far as looking now and then can tell.
    struct Measured {
        std::uint64_t least_ns = 0;
        std::uint64_t most_ns = 0;
    };

    // Work that one marker covers, or will cover.
    struct Batch {
        Progress page = nullptr;
        std::uint32_t track = 0;
        std::uint32_t value = 0;
        std::uint32_t count = 0;
        std::uint32_t big_count = 0;
        bool has_unknown = false;
        bool after_rival = false;
        std::uint64_t predicted_ns = 0;
        std::uint64_t launched_ns = 0;  // when its first launch went to the driver
        std::uint64_t last_launched_ns = 0;
        std::uint64_t idle_ns = 0;     // how long the device is taken to have waited for launches
        std::uint64_t turn_count = 0;  // as it was then
        Kernels kernels;
    };

    // No driver gives out this handle.
    static constexpr device::StreamHandle kNoStream = ~device::StreamHandle{0};

    struct Track {
        device::StreamHandle stream = 0;
        Batch tail;  // launched, no marker yet
    };

    void forget(std::uint64_t predicted_ns, std::uint32_t count, std::uint32_t big_count) noexcept;
    std::uint32_t track_of(device::StreamHandle stream) noexcept;
    Batch& tail_of(std::uint32_t track, std::uint64_t now_ns) noexcept;
    Marker close_tail(std::uint32_t track, Progress page) noexcept;
    void remove_batch(std::uint32_t index) noexcept;
    std::uint64_t elapsed_ns(const Batch& running, std::uint64_t now_ns) const noexcept;
    void note_idle(Batch& tail, std::uint64_t now_ns) const noexcept;
    bool keeps_up(std::uint64_t now_ns) const noexcept;
    std::uint64_t budget_ns(std::uint64_t now_ns) const noexcept;
    bool marker_is_due(const Batch& tail, std::uint64_t now_ns) const noexcept;
    std::uint64_t running_start_ns(const Batch& batch) const noexcept;
    const Batch& batch_at(std::uint32_t index) const noexcept;
    Measured measure(std::uint32_t finished, std::uint64_t now_ns) const noexcept;
    bool ran_beside_rival(const Batch& batch) const noexcept;
    void learn_first_sight(const Batch& batch, const Measured& measured) noexcept;
    void learn(const Measured& measured, std::uint32_t finished) noexcept;
    const Batch* running_batch() const noexcept;
    std::uint64_t lead_ns(std::uint64_t predicted_ns, std::uint64_t now_ns) const noexcept;

    // What each launch reads and writes lies together: between two launches a program empties the
    // processor's nearest caches.
    WindowLimits limits_;
    std::uint64_t quiet_until_ns_ = 0;  // no rival is expected before that
    std::uint32_t batch_head_ = 0;
    std::uint32_t batch_count_ = 0;
    std::uint32_t big_count_ = 0;      // over everything unfinished
    std::uint64_t unfinished_ns_ = 0;  // predicted, over everything unfinished
    std::uint32_t unfinished_count_ = 0;
    std::uint64_t last_finish_ns_ = 0;       // when the latest completion was seen
    std::uint64_t last_finish_late_ns_ = 0;  // and at most how much earlier it was
    std::uint64_t last_poll_ns_ = 0;
    std::uint64_t turn_count_ = 0;        // at the last poll
    std::uint32_t disturbed_sights_ = 0;  // in a row
    bool rival_was_served_ = false;       // and nothing was launched since
    std::uint32_t track_count_ = 0;       // tracks that were ever used: the first ones
    std::array<Track, board::kTrackCountMax> tracks_{};
    CostModel costs_;
    std::array<Batch, kBatchCountMax> batches_{};  // a ring, in the order of the markers
};

}  // namespace headway::gate
