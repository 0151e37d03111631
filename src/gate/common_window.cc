#include "gate/common_window.h"

#include <cstdlib>
#include <new>

namespace headway::gate {

namespace {

// Where there are more threads than processors, who holds the lock may be interrupted for some
// milliseconds: if all others went on without, they would fill the device. Between two attempts a
// thread rests, the longer, the more there have been; so many are some 20 ms.
constexpr std::uint32_t kFailuresMost = 50;

}  // namespace

// One that does not come back, is nothing to wait for with each launch: the next ones ask once.
bool CommonWindow::goes_without_lock(std::uint32_t failures) noexcept {
    if (failures >= kFailuresMost) lock_is_lost_.store(true, std::memory_order_relaxed);
    return lock_is_lost_.load(std::memory_order_relaxed);
}

// Null: there is none.
CommonWindow* CommonWindow::find(const Key& key) noexcept {
    for (CommonWindow* window = first_; window != nullptr; window = window->next_) {
        const bool is_used = window->member_count_.load(std::memory_order_relaxed) != 0;
        if (is_used && window->key_ == key) return window;
    }
    return nullptr;
}

// One that nobody uses, empty; null without memory.
CommonWindow* CommonWindow::create(const Key& key) noexcept {
    for (CommonWindow* window = first_; window != nullptr; window = window->next_) {
        const bool is_used = window->member_count_.load(std::memory_order_relaxed) != 0;
        if (!is_used && window->begin_anew(key)) return window;
    }
    CommonWindow* const window = allocate();
    if (window != nullptr) window->begin_anew(key);
    return window;
}

// False: a thread is still at work in it.
bool CommonWindow::begin_anew(const Key& key) noexcept {
    const BoundedGuard guard(lock);
    if (!guard.owns()) return false;
    credit.take();
    window = Window(key.limits);
    turn = {};
    lock_is_lost_.store(false, std::memory_order_relaxed);
    key_ = key;
    return true;
}

CommonWindow* CommonWindow::allocate() noexcept {
    // Not operator new: in a guest that may be the program's own, or missing.
    static_assert(sizeof(CommonWindow) % alignof(CommonWindow) == 0);
    void* const memory = std::aligned_alloc(alignof(CommonWindow), sizeof(CommonWindow));
    if (memory == nullptr) return nullptr;
    auto* const window = ::new (memory) CommonWindow;
    window->next_ = first_;
    first_ = window;
    return window;
}

// The caller holds the list's lock.
CommonWindow* CommonWindow::join_locked(const Key& key) noexcept {
    CommonWindow* window = find(key);
    if (window == nullptr) window = create(key);
    if (window != nullptr) window->member_count_.fetch_add(1, std::memory_order_relaxed);
    return window;
}

CommonWindow* CommonWindow::join(const device::Device& device,
                                 std::int32_t priority,
                                 const WindowLimits& limits) noexcept {
    const BoundedGuard guard(list_lock_, BoundedGuard::kPatient);
    return guard.owns() ? join_locked({&device, priority, limits}) : nullptr;
}

CommonWindow* CommonWindow::move(std::int32_t priority) noexcept {
    const BoundedGuard guard(list_lock_, BoundedGuard::kPatient);
    if (!guard.owns()) return nullptr;
    if (key_.priority == priority) return this;
    Key key = key_;
    key.priority = priority;
    // What it has learned goes along, if that is nobody else's.
    if (!is_shared() && find(key) == nullptr) {
        key_ = key;
        return this;
    }
    CommonWindow* const next = join_locked(key);
    if (next != nullptr) leave();
    return next;
}

bool CommonWindow::forget_page(Window::Progress page) noexcept {
    const BoundedGuard list_guard(list_lock_, BoundedGuard::kPatient);
    if (!list_guard.owns()) return false;
    bool is_forgotten = true;
    for (CommonWindow* common = first_; common != nullptr; common = common->next_) {
        const BoundedGuard guard(common->lock, BoundedGuard::kPatient);
        if (guard.owns()) common->window.forget_page(page);
        is_forgotten = is_forgotten && guard.owns();
    }
    return is_forgotten;
}

void CommonWindow::forked() noexcept {
    // A thread that is not in this process may have held them.
    new (&list_lock_) BoundedLock;
    new (&lock) BoundedLock;
    credit.take();
    window.reset();
}

}  // namespace headway::gate
