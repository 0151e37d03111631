// The window of all lanes of a process that have the same device, priority and limits. Threads may
// each have a lane, yet the device does not tell their work apart, and a rival waits for what all
// of them have launched: a window for each would let through a multiple of the budget.
#pragma once

#include "base/bounded_lock.h"
#include "board/layout.h"
#include "gate/credit.h"
#include "gate/lost_charges.h"
#include "gate/window.h"
#include "gate/window_turn.h"

#include <atomic>
#include <cstdint>

namespace headway::gate {

class CommonWindow {
 public:
    // The window of lanes with these properties, with one member more; made if there is none. Null
    // without memory. Thread-safe. The object lives as long as the process: a thread may still be
    // on its way through a window that its lane has left.
    static CommonWindow* join(const device::Device& device,
                              std::int32_t priority,
                              const WindowLimits& limits) noexcept;

    // A member's priority changes: the window that it belongs to from now on. Null without memory:
    // then it stays a member of this one. Thread-safe.
    CommonWindow* move(std::int32_t priority) noexcept;

    // A member goes.
    void leave() noexcept { member_count_.fetch_sub(1, std::memory_order_relaxed); }

    // A lane's page of the board goes, and with it all that its markers cover, in whichever window:
    // a thread may have been on its way through one that the lane had left. False: the lock of one
    // was not to be had, and the page must stay for as long as the process. Thread-safe.
    static bool forget_page(Window::Progress page) noexcept;

    // In a forked child, for every lane: nothing of the parent's work is seen to end here.
    void forked() noexcept;

    CommonWindow(const CommonWindow&) = delete;
    CommonWindow& operator=(const CommonWindow&) = delete;
    CommonWindow(CommonWindow&&) = delete;
    CommonWindow& operator=(CommonWindow&&) = delete;
    ~CommonWindow() = delete;

    // Whether other lanes use it, too.
    bool is_shared() const noexcept { return member_count_.load(std::memory_order_relaxed) > 1; }

    // A launch did not get the lock, for that many times by now: whether it goes on without.
    bool goes_without_lock(std::uint32_t failures) noexcept;

    // A launch got the lock.
    void note_lock() noexcept {
        if (lock_is_lost_.load(std::memory_order_relaxed))
            lock_is_lost_.store(false, std::memory_order_relaxed);
    }

    // On the way of every launch that goes on credit; then the lock and the window.
    alignas(board::kLineBytes) Credit credit;
    BoundedLock lock;  // guards window, turn, and who grants and takes credit
    Window window{WindowLimits{}};
    WindowTurn turn;
    LostCharges lost;  // of launches that went on without the lock
    // What of BoardHeader::turn_count is the members' own.
    std::atomic<std::uint64_t> own_turn_count{0};

 private:
    CommonWindow() noexcept = default;

    struct Key {
        const device::Device* device = nullptr;
        std::int32_t priority = 0;
        WindowLimits limits;

        bool operator==(const Key&) const noexcept = default;
    };

    static CommonWindow* find(const Key& key) noexcept;
    static CommonWindow* create(const Key& key) noexcept;
    bool begin_anew(const Key& key) noexcept;
    static CommonWindow* allocate() noexcept;
    static CommonWindow* join_locked(const Key& key) noexcept;

    static inline constinit BoundedLock list_lock_;  // guards the list and the keys
    static inline constinit CommonWindow* first_ = nullptr;

    std::atomic<bool> lock_is_lost_{false};  // a launch has waited for it in vain
    Key key_;
    std::atomic<std::uint32_t> member_count_{0};
    CommonWindow* next_ = nullptr;
};

}  // namespace headway::gate
