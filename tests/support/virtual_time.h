// A virtual clock for several actors: real threads of which exactly one runs at a time, so that
// code that blocks runs unchanged, fast, and the same way for the same seed.
#pragma once

#include "gate/platform.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace headway::test {

class VirtualTime final : public gate::Platform {
 public:
    ~VirtualTime() = default;

    // Adds an actor that starts at `start_ns`. Call before run().
    void add_actor(std::function<void()> body, std::uint64_t start_ns = 0);

    // Calls `event` at `when_ns` (or now, if that is past), between two steps of actors.
    void at(std::uint64_t when_ns, std::function<void()> event);

    // Runs until all actors have returned. False: they did not within `limit_ns` of virtual time.
    bool run(std::uint64_t limit_ns);

    std::uint64_t now_ns() noexcept override { return now_ns_; }

    void wait_word(const std::atomic<std::uint32_t>& word,
                   std::uint32_t expected,
                   std::uint64_t deadline_ns) noexcept override;
    void wake_word(const std::atomic<std::uint32_t>& word) noexcept override;
    void pause_until(std::uint64_t deadline_ns) noexcept override;

 private:
    struct Actor {
        std::thread thread;
        std::condition_variable turn;
        bool may_run = false;
        bool done = false;
        std::uint64_t wake_ns = 0;
        const std::atomic<std::uint32_t>* word = nullptr;  // what it waits for, if anything
        std::uint32_t expected = 0;
    };

    void suspend(std::uint64_t deadline_ns,
                 const std::atomic<std::uint32_t>* word,
                 std::uint32_t expected) noexcept;
    Actor* next_actor();

    std::mutex mutex_;
    std::condition_variable scheduler_turn_;
    std::uint64_t now_ns_ = 1;
    std::vector<std::unique_ptr<Actor>> actors_;
    std::multimap<std::uint64_t, std::function<void()>> events_;
    Actor* current_ = nullptr;
};

}  // namespace headway::test
