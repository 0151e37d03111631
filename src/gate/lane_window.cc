// What a lane does with the window that it shares with its process's other lanes, apart from
// waiting for it.
#include "base/clock.h"
#include "gate/lane.h"

namespace headway::gate {

WindowLimits Lane::window_limits() const noexcept {
    return {options_.threshold, options_.batch_size, options_.budget_us * kNsPerUs};
}

void Lane::leave_window() noexcept {
    if (!has_joined_) return;
    has_joined_ = false;
    {
        const BoundedGuard guard(common().lock);
        if (guard.owns()) take_credit(common());
    }
    common().leave();
    if (!CommonWindow::forget_page(slot().progress)) board_.abandon();
}

// The caller holds the lock, and has just entered a launch. Who can hold others must say with each
// launch that it is busy; a trace wants to see each; and of several lanes each counts its own.
void Lane::grant_credit(CommonWindow& common, std::uint64_t now_ns) noexcept {
    if (is_rival_.load(std::memory_order_relaxed) || traced_.load(std::memory_order_relaxed) ||
        common.is_shared()) {
        return;
    }
    // Another thread's launch may have got some since this one was looked at.
    if (common.credit.out() || !common.turn.free(now_ns)) return;
    const std::uint64_t credit_ns = common.window.credit_ns(now_ns);
    if (credit_ns != 0) common.credit.grant(credit_ns, now_ns);
}

// The caller holds the lock.
Credit::Spent Lane::take_credit(CommonWindow& common) noexcept {
    const Credit::Spent spent = common.credit.take();
    if (spent.launches != 0) slot().gated.fetch_add(spent.launches, std::memory_order_relaxed);
    return spent;
}

}  // namespace headway::gate
