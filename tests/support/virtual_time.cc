#include "tests/support/virtual_time.h"

#include <algorithm>
#include <utility>

namespace headway::test {

void VirtualTime::add_actor(std::function<void()> body, std::uint64_t start_ns) {
    auto actor = std::make_unique<Actor>();
    Actor* self = actor.get();
    self->wake_ns = start_ns;
    self->thread = std::thread([this, self, body = std::move(body)] {
        self->turn.wait();
        body();
        self->done = true;
        run_turn_.give();
    });
    actors_.push_back(std::move(actor));
}

void VirtualTime::at(std::uint64_t when_ns, std::function<void()> event) {
    events_.emplace(std::max(when_ns, now_ns_), std::move(event));
}

VirtualTime::Actor* VirtualTime::first_to_wake() {
    Actor* first = nullptr;
    for (const auto& actor : actors_) {
        if (actor->done) continue;
        if (actor->wakes && actor->wakes()) actor->wake_ns = std::min(actor->wake_ns, now_ns_);
        if (first == nullptr || actor->wake_ns < first->wake_ns) first = actor.get();
    }
    return first;
}

// Brings the clock to the next step of an actor, with the events before it, and makes that actor
// the current one. Null when all have returned.
VirtualTime::Actor* VirtualTime::advance() {
    Actor* next = first_to_wake();
    while (next != nullptr && !events_.empty() && events_.begin()->first <= next->wake_ns) {
        now_ns_ = std::max(now_ns_, events_.begin()->first);
        const auto event = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        event();
        next = first_to_wake();
    }
    if (next != nullptr) {
        now_ns_ = std::max(now_ns_, next->wake_ns);
        in_time_ = in_time_ && now_ns_ <= limit_ns_;
        next->wakes = nullptr;
    }
    current_ = next;
    return next;
}

bool VirtualTime::run(std::uint64_t limit_ns) {
    limit_ns_ = limit_ns;
    in_time_ = true;
    while (Actor* const next = advance()) {
        next->turn.give();
        run_turn_.wait();
        // Whoever was current has returned; what its thread does at its end belongs to its step.
        current_->thread.join();
    }
    return in_time_;
}

void VirtualTime::suspend(std::uint64_t deadline_ns, std::function<bool()> wakes) noexcept {
    Actor* const self = current_;
    self->wake_ns = std::max(deadline_ns, now_ns_);
    self->wakes = std::move(wakes);
    Actor* const next = advance();
    if (next == self) return;
    next->turn.give();
    self->turn.wait();
}

void VirtualTime::wait_word(const std::atomic<std::uint32_t>& word,
                            std::uint32_t expected,
                            std::uint64_t deadline_ns) noexcept {
    suspend(deadline_ns,
            [&word, expected] { return word.load(std::memory_order_acquire) != expected; });
}

bool VirtualTime::watch_word(const std::atomic<std::uint64_t>& word,
                             std::uint64_t mask,
                             std::uint64_t expected,
                             std::uint64_t deadline_ns) noexcept {
    ++watch_count_;
    if (crowded_) return false;
    // At least a nanosecond, as below.
    suspend(std::max(deadline_ns, now_ns_ + 1), [&word, mask, expected] {
        return (word.load(std::memory_order_acquire) & mask) != expected;
    });
    return true;
}

void VirtualTime::wake_word(const std::atomic<std::uint32_t>&) noexcept {
    // Whoever waits compares the word itself before each step.
}

void VirtualTime::pause_until(std::uint64_t deadline_ns) noexcept {
    // At least a nanosecond, so that a loop that polls makes progress.
    suspend(std::max(deadline_ns, now_ns_ + 1), nullptr);
}

}  // namespace headway::test
