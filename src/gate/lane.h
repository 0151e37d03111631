// A lane: the gate's view of one stream of work with one priority on one device.
//
// Every launch calls before(), then goes to the driver on the same thread, then calls after().
// Alone on its device a lane does one relaxed load per launch and nothing else. Otherwise before()
// may hold the thread: while the policy says so (a rival is busy), and while the lane's own window
// is full.
#pragma once

#include "base/bounded_lock.h"
#include "base/status.h"
#include "board/board.h"
#include "board/shift.h"
#include "board/trace_ring.h"
#include "gate/arrivals.h"
#include "gate/common_window.h"
#include "gate/launch.h"
#include "gate/leeway.h"
#include "gate/linger.h"
#include "gate/platform.h"
#include "gate/window.h"
#include "policy/policy.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace headway::gate {

struct LaneOptions {
    static constexpr std::uint32_t kLingerAuto = UINT32_MAX;

    const char* device = "cpu";  // names the board; copied nowhere, used during open() only
    const char* name = "";       // for people; cut to board::kLaneNameBytes - 1
    std::int32_t priority = 0;
    std::uint32_t threshold = 4;
    std::uint32_t batch_size = 2;
    std::uint32_t budget_us = 400;
    std::uint32_t linger_us = kLingerAuto;
    std::uint32_t max_hold_ms = 1000;
    bool disabled = false;  // open no board; every launch is bypassed

    // Errors: kInvalidArgument, naming the option and its range.
    Status validate() const noexcept;
};

// What before() tells after() about one launch. Trivially copyable; belongs to the launching
// thread.
class Pass {
 public:
    Pass() noexcept = default;

    // False: the launch was not looked at, and after() has nothing to do.
    bool gated() const noexcept { return gated_; }

 private:
    friend class Lane;
    bool gated_ = false;
    bool charged_ = false;            // counted in the window
    bool running_ = false;            // counted in LaneSlot::running
    bool traced_ = false;             // its end is wanted for a trace only
    std::uint8_t lock_failures_ = 0;  // how often the lock of the window was not to be had
    std::uint32_t generation_ = 0;    // of the attach that it belongs to
    std::uint64_t admitted_ns_ = 0;   // when it was let through, or the wait began
    std::uint64_t left_ns_ = 0;       // predicted work on the device then, with this launch
    CommonWindow* common_ = nullptr;  // where it is charged
    Window::Charge charge_{};
};

// Thread-safe: several threads may launch through one lane. Neither copied nor moved, since the
// board, threads and the fork handler refer to it.
class Lane {
 public:
    // `device` and `platform` outlive the lane.
    Lane(device::Device& device, Platform& platform) noexcept;
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    Lane(Lane&&) = delete;
    Lane& operator=(Lane&&) = delete;
    ~Lane();

    // Takes a slot on the device's board. Once per object. On an error the lane stays usable, and
    // every launch is bypassed. Errors: kInvalidArgument, kUnavailable, kCorrupt, kFull.
    Status open(const LaneOptions& options) noexcept;

    // Leaves the board. Launches after it, or in other threads during it, are bypassed. Idempotent.
    void close() noexcept;

    // True while no other lane is on the device, and nobody records a trace of it: before() need
    // not be called, and the launch is counted by count_passed(). One relaxed load of shared
    // memory.
    bool alone() const noexcept {
        // Relaxed: a lane that attached a moment ago is seen at one of the next launches.
        return epoch_word_.load(std::memory_order_relaxed)->load(std::memory_order_relaxed) ==
               alone_epoch_.load(std::memory_order_relaxed);
    }

    // What alone() compares: while *epoch_word() == alone_epoch(), the lane is alone. For a caller
    // that keeps the board mapped itself and wants the check inlined into its own fast path.
    const std::atomic<std::uint64_t>* epoch_word() const noexcept {
        return epoch_word_.load(std::memory_order_acquire);
    }

    std::uint64_t alone_epoch() const noexcept {
        return alone_epoch_.load(std::memory_order_relaxed);
    }

    // As the device said when the lane was made; no virtual call.
    bool synchronous() const noexcept { return synchronous_; }

    // The device that the lane was made for.
    const device::Device& device() const noexcept { return device_; }

    // Lets a small launch go on the lane's credit, where nothing can hold it and nobody must be
    // told: before() and after() are then not to be called. False: before() must look. A few loads
    // and one compare-and-swap.
    bool try_credit(const Launch& launch) noexcept {
        CommonWindow* const common = common_.load(std::memory_order_acquire);
        if (common == nullptr || !common->credit.any() || launch.blocking) return false;
        const board::BoardHeader& header = board_.header();
        if (header.epoch.load(std::memory_order_acquire) !=
                seen_epoch_.load(std::memory_order_relaxed) ||
            (header.busy.load(std::memory_order_acquire) &
             rivals_.load(std::memory_order_relaxed)) != 0) {
            return false;
        }
        return common->credit.spend(common->window.small_cost_ns(launch));
    }

    // Looks at a launch, and may hold the calling thread: never longer than max_hold_ms for rivals
    // and as long again for the window.
    Pass before(const Launch& launch) noexcept;

    // The launch that `pass` belongs to was made; `accepted`: the driver took it. Never waits.
    void after(const Launch& launch, const Pass& pass, bool accepted) noexcept;

    // The program is about to enqueue a function that the driver calls when `stream` gets there. It
    // may learn by that alone that its work is complete, so the lane stays busy until then. Asks
    // for a marker at most. Call it only when not alone().
    void await(device::StreamHandle stream) noexcept;

    // Everything that this lane launched is complete, and nothing follows soon.
    void idle() noexcept;

    // The program has seen that everything which this lane launched is complete. The lane is idle
    // then, unless it has learned that more tends to follow at once.
    void seen_complete() noexcept;

    // The program has asked, and work which this lane launched is not complete: however long that
    // work takes, the lane stays busy while the program goes on asking. Never waits.
    void seen_running() noexcept;

    // A thread of the lane is about to wait for the device: the lane stays busy until the Pass is
    // given to end_wait(), however long that takes. `complete`: all of the lane's work has then
    // been seen to be complete. Call them only when not alone(); neither waits.
    Pass begin_wait() noexcept;
    void end_wait(const Pass& pass, bool complete) noexcept;

    // What the lane launched on the device is gone, and perhaps the registration of its page: its
    // window starts anew, with the next launch.
    void device_reset() noexcept;

    // The program is about to destroy a stream, which may be any. Asks for a marker at most.
    void leave_stream(device::StreamHandle stream) noexcept;

    // Errors: kInvalidArgument.
    Status set_priority(std::int32_t priority) noexcept;

    std::int32_t priority() const noexcept { return priority_.load(std::memory_order_relaxed); }

    // Adds launches that were made while alone().
    void count_passed(std::uint64_t count) noexcept {
        slot().passed.fetch_add(count, std::memory_order_relaxed);
    }

    // The lane's counters and state: its slot on the board, or a private one without a board.
    const board::LaneSlot& view() const noexcept { return slot(); }

    // In a forked child, before any other call: the slot belongs to the parent. The lane takes a
    // slot of its own at its next launch.
    void forked() noexcept;

 private:
    static constexpr std::uint64_t kNeverAlone = UINT64_MAX;

    board::LaneSlot& slot() const noexcept { return *slot_.load(std::memory_order_relaxed); }

    Status attach() noexcept;
    void use_no_board() noexcept;
    bool ready() noexcept;
    void refresh_membership() noexcept;
    std::int32_t best_priority(ProcessWord process, std::uint64_t lanes) const noexcept;
    void note_others(std::uint64_t others) noexcept;
    bool is_in_the_way(std::uint64_t now_ns) noexcept;
    bool all_expected(std::uint64_t now_ns) const noexcept;
    void tell_standing(bool in_the_way) noexcept;
    bool has_markers() noexcept;
    void end_markers() noexcept;
    std::uint64_t quiet_until_ns(std::uint64_t now_ns) const noexcept;

    // Acquire: set_priority() in another thread may just have made it.
    CommonWindow& common() const noexcept { return *common_.load(std::memory_order_acquire); }

    WindowLimits window_limits() const noexcept;
    void leave_window() noexcept;
    void poll_window(CommonWindow& common, std::uint64_t now_ns) noexcept;
    void housekeeping(std::uint64_t now_ns) noexcept;
    void trace_launch(Pass* pass) noexcept;

    struct Wait;
    void begin_hold(std::uint64_t busy, const policy::Verdict& verdict, Wait* wait) noexcept;
    void end_hold(const Wait& wait, std::uint64_t now_ns) noexcept;
    void note_overdue(const policy::Verdict& verdict,
                      const Wait& wait,
                      std::uint64_t now_ns) noexcept;
    void trace_hold(std::uint64_t busy, Wait* wait) noexcept;
    void trace_end(board::TraceKind kind,
                   std::uint32_t peer,
                   std::uint64_t since_ns,
                   std::uint64_t now_ns) noexcept;
    bool take_overdue_grant() noexcept;
    void wait_for_rivals(std::uint64_t run_ns, std::uint64_t* now_ns) noexcept;
    policy::Verdict ask_policy(std::uint64_t busy, Wait* wait, std::uint64_t now_ns) noexcept;
    bool on_shift(std::uint64_t now_ns) const noexcept;
    std::uint64_t held_peers() const noexcept;
    bool write_shift(Wait* wait, const board::Shift& shift) noexcept;
    bool begin_shift(Wait* wait, std::uint64_t now_ns) noexcept;
    std::size_t look_at_shift(std::span<policy::LaneView> views,
                              Wait* wait,
                              std::uint64_t now_ns) noexcept;
    policy::LaneView view_peer(std::uint32_t index) const noexcept;
    std::size_t view_shift(std::span<policy::LaneView> views,
                           const board::Shift& shift,
                           std::uint64_t now_ns) const noexcept;
    policy::Verdict take_shift(Wait* wait, std::uint64_t* now_ns) noexcept;
    void drain(const Wait& wait, std::uint64_t* now_ns) noexcept;
    void sleep_held(const policy::Verdict& verdict,
                    std::uint32_t wake_seen,
                    std::uint64_t now_ns) noexcept;
    bool may_watch(std::uint64_t now_ns) noexcept;
    void watch_held(const policy::Verdict& verdict,
                    std::uint64_t busy,
                    std::uint64_t now_ns,
                    Wait* wait) noexcept;
    void rest_until(std::uint64_t until_ns) noexcept;
    void reserve_window(const Launch& launch, Pass* pass, std::uint64_t* now_ns) noexcept;
    void wait_for_window(const Launch& launch,
                         Pass* pass,
                         std::uint64_t* now_ns,
                         std::uint64_t recheck_ns) noexcept;
    bool try_reserve(const Launch& launch,
                     Pass* pass,
                     std::uint64_t since_ns,
                     std::uint64_t now_ns,
                     std::uint64_t* recheck_ns) noexcept;
    void grant_credit(CommonWindow& common, std::uint64_t now_ns) noexcept;
    Credit::Spent take_credit(CommonWindow& common) noexcept;
    void flush_markers() noexcept;
    bool put_marker(CommonWindow& common, const Window::Marker& marker) noexcept;
    void note_awaited(std::uint64_t now_ns) noexcept;
    bool is_waited_for() const noexcept;
    void note_continuation(std::uint64_t now_ns) noexcept;
    void note_wait(const Pass& pass, std::uint64_t now_ns) noexcept;
    void mark_busy(std::uint64_t now_ns, std::uint64_t lease_ns) noexcept;
    void turn(std::uint64_t now_ns) noexcept;
    void forget_finished_work() noexcept;
    void wake_waiters() noexcept;
    bool owns(const Pass& pass) const noexcept;

    // What a policy is told of work of that length: 0 if it is not long.
    static std::uint64_t if_long(std::uint64_t left_ns) noexcept {
        return left_ns >= policy::kLongRunNs ? left_ns : 0;
    }

    std::uint64_t run_ns(const Pass& pass) const noexcept;
    std::uint64_t left_run_ns(std::uint64_t now_ns) noexcept;
    bool preempts(const board::LaneSlot& rival) const noexcept;
    std::uint64_t linger_ns() const noexcept;

    device::Device& device_;
    Platform& platform_;
    const bool synchronous_;
    LaneOptions options_;
    bool has_joined_ = false;  // a CommonWindow
    const policy::Policy* policy_ = &policy::kPriorityPolicy;
    board::Board board_;
    board::LaneSlot private_slot_{};  // counts for a lane without a board

    // The first line of what alone() reads. epoch_word_ points into the board, or at own_epoch_.
    alignas(board::kLineBytes) std::atomic<std::uint64_t> alone_epoch_{kNeverAlone};
    std::atomic<const std::atomic<std::uint64_t>*> epoch_word_{&own_epoch_};
    std::atomic<std::uint64_t> own_epoch_{0};
    std::atomic<board::LaneSlot*> slot_{&private_slot_};
    std::atomic<std::uint64_t> seen_epoch_{kNeverAlone};
    std::atomic<std::uint64_t> rivals_{0};        // lanes that can hold this one
    std::atomic<CommonWindow*> common_{nullptr};  // from open() on
    // Equal lanes of other processes that use the device in shifts with this one's process, and
    // those of this process with this lane. 0: no shifts, because nobody outranks this lane, or the
    // device needs none.
    std::atomic<std::uint64_t> peers_{0};
    std::atomic<std::uint64_t> mates_{0};
    std::atomic<bool> is_rival_{false};   // this lane can hold another: a lower one, or a peer
    std::atomic<bool> traced_{false};     // somebody records a trace of the device
    std::atomic<bool> outranked_{false};  // by lanes of another process, as the device is told
    std::atomic<bool> last_{false};       // all other processes' lanes outrank this one's
    std::atomic<bool> sole_here_{false};  // no other lane of this process is on the board
    std::atomic<bool> in_the_way_{false};
    std::atomic<std::int32_t> priority_{0};
    std::atomic<std::uint32_t> slot_index_{0};
    std::atomic<std::uint32_t> generation_{0};

    enum class State : std::uint8_t { kClosed, kAttached, kForked };
    std::atomic<State> state_{State::kClosed};

    LingerLearner linger_;
    ContinuationLearner continuation_;
    std::atomic<bool> completed_{false};        // seen_complete(), and no launch since
    std::atomic<std::uint64_t> awaited_ns_{0};  // await() was called then, and no launch since
    std::atomic<std::uint32_t> short_await_count_{0};  // in a row: the lease was long enough
    BoundedLock lock_;  // guards arrivals_, and the way from kForked to kAttached
    ArrivalLearner arrivals_;
    std::atomic<std::uint64_t> request_ns_{0};  // when it began, if nobody has waited for it since
    LeewayLearner leeway_;
    std::atomic<std::uint64_t> last_end_ns_{0};  // when the latest piece of work ended
    std::atomic<std::uint64_t> last_reap_ns_{0};
    std::atomic<std::uint64_t> last_expected_ns_{0};  // when all rivals' requests were, 0: never
    std::atomic<std::uint64_t> last_long_ns_{0};      // when a launch was predicted to be very long
    std::atomic<bool> watched_{false};                // a held thread of the lane does not sleep
    std::atomic<std::uint64_t> crowded_until_ns_{0};  // until then, none does without sleep
    std::atomic<std::uint32_t> overdue_grant_{0};  // launches of a window let through by a time-out
    enum class Markers : std::uint8_t { kUntried, kWork, kNone };
    std::atomic<Markers> markers_{Markers::kUntried};
    // Held while the lane's page is registered, or a marker asked for: none may be on its way when
    // the page goes. Guards registered_, and the change of markers_ from kWork.
    BoundedLock marker_lock_;
    bool registered_ = false;  // the page may be known to the device, even where markers_ says no
};

}  // namespace headway::gate
