#include "tests/support/virtual_time.h"

#include <algorithm>

namespace headway::test {

void VirtualTime::add_actor(std::function<void()> body, std::uint64_t start_ns) {
    auto actor = std::make_unique<Actor>();
    Actor* self = actor.get();
    self->wake_ns = start_ns;
    self->thread = std::thread([this, self, body = std::move(body)] {
        {
            std::unique_lock lock(mutex_);
            self->turn.wait(lock, [self] { return self->may_run; });
        }
        body();
        const std::lock_guard lock(mutex_);
        self->done = true;
        current_ = nullptr;
        scheduler_turn_.notify_one();
    });
    actors_.push_back(std::move(actor));
}

void VirtualTime::at(std::uint64_t when_ns, std::function<void()> event) {
    events_.emplace(std::max(when_ns, now_ns_), std::move(event));
}

VirtualTime::Actor* VirtualTime::next_actor() {
    Actor* next = nullptr;
    for (const auto& actor : actors_) {
        if (actor->done) continue;
        const bool word_changed = actor->word != nullptr &&
                                  actor->word->load(std::memory_order_acquire) != actor->expected;
        if (word_changed) actor->wake_ns = std::min(actor->wake_ns, now_ns_);
        if (next == nullptr || actor->wake_ns < next->wake_ns) next = actor.get();
    }
    return next;
}

bool VirtualTime::run(std::uint64_t limit_ns) {
    std::unique_lock lock(mutex_);
    bool in_time = true;
    for (Actor* next = next_actor(); next != nullptr; next = next_actor()) {
        if (!events_.empty() && events_.begin()->first <= next->wake_ns) {
            now_ns_ = std::max(now_ns_, events_.begin()->first);
            const auto event = std::move(events_.begin()->second);
            events_.erase(events_.begin());
            event();
            continue;
        }
        now_ns_ = std::max(now_ns_, next->wake_ns);
        in_time = in_time && now_ns_ <= limit_ns;
        next->word = nullptr;
        next->may_run = true;
        current_ = next;
        next->turn.notify_one();
        scheduler_turn_.wait(lock, [this] { return current_ == nullptr; });
        if (next->done) next->thread.join();
    }
    return in_time;
}

void VirtualTime::suspend(std::uint64_t deadline_ns,
                          const std::atomic<std::uint32_t>* word,
                          std::uint32_t expected) noexcept {
    std::unique_lock lock(mutex_);
    Actor* self = current_;
    self->wake_ns = std::max(deadline_ns, now_ns_);
    self->word = word;
    self->expected = expected;
    self->may_run = false;
    current_ = nullptr;
    scheduler_turn_.notify_one();
    self->turn.wait(lock, [self] { return self->may_run; });
}

void VirtualTime::wait_word(const std::atomic<std::uint32_t>& word,
                            std::uint32_t expected,
                            std::uint64_t deadline_ns) noexcept {
    suspend(deadline_ns, &word, expected);
}

void VirtualTime::wake_word(const std::atomic<std::uint32_t>&) noexcept {
    // Whoever waits compares the word itself before each step.
}

void VirtualTime::pause_until(std::uint64_t deadline_ns) noexcept {
    // At least a nanosecond, so that a loop that polls makes progress.
    suspend(std::max(deadline_ns, now_ns_ + 1), nullptr, 0);
}

}  // namespace headway::test
