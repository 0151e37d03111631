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
    CommonWindow* window = first_;
    while (window != nullptr && window->member_count_.load(std::memory_order_relaxed) != 0)
        window = window->next_;
    if (window == nullptr) window = allocate();
    if (window == nullptr) return nullptr;
    const BoundedGuard guard(window->lock);
    window->credit.take();
    window->window = Window(key.limits);
    window->turn = {};
    window->key_ = key;
    return window;
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
    if (!list_lock_.lock_patiently()) return nullptr;
    CommonWindow* const window = join_locked({&device, priority, limits});
    list_lock_.unlock();
    return window;
}

CommonWindow* CommonWindow::move(std::int32_t priority) noexcept {
    if (!list_lock_.lock_patiently()) return nullptr;
    CommonWindow* next = this;
    if (key_.priority != priority) {
        Key key = key_;
        key.priority = priority;
        // What it has learned goes along, if that is nobody else's.
        if (is_shared() || find(key) != nullptr) {
            next = join_locked(key);
        } else {
            key_ = key;
        }
    }
    list_lock_.unlock();
    if (next != nullptr && next != this) leave();
    return next;
}

bool CommonWindow::forget_page(Window::Progress page) noexcept {
    if (!list_lock_.lock_patiently()) return false;
    bool is_forgotten = true;
    for (CommonWindow* common = first_; common != nullptr; common = common->next_) {
        if (!common->lock.lock_patiently()) {
            is_forgotten = false;
            continue;
        }
        common->window.forget_page(page);
        common->lock.unlock();
    }
    list_lock_.unlock();
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
