// A virtual clock for several actors: real threads of which exactly one runs at a time, so that
// code that blocks runs unchanged, fast, and the same way for the same seed. An actor that waits
// hands over to the next one itself, and just goes on if it is the next: on some machines waking
// a thread costs a hundred microseconds, and a test waits a hundred thousand times.
#pragma once

#include "gate/platform.h"

#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace headway::test {

class VirtualTime final : public gate::Platform {
 public:
    ~VirtualTime() = default;

    // Adds an actor that starts at `start_ns`. Call before run().
    void add_actor(std::function<void()> body, std::uint64_t start_ns = 0);

    // Calls `event` at `when_ns` (or now, if that is past), between two steps of actors, in any of
    // their threads. It must not wait.
    void at(std::uint64_t when_ns, std::function<void()> event);

    // Runs until all actors have returned. False: they did not within `limit_ns` of virtual time.
    bool run(std::uint64_t limit_ns);

    std::uint64_t now_ns() noexcept override { return now_ns_; }

    void wait_word(const std::atomic<std::uint32_t>& word,
                   std::uint32_t expected,
                   std::uint64_t deadline_ns) noexcept override;
    void wake_word(const std::atomic<std::uint32_t>& word) noexcept override;
    bool watch_word(const std::atomic<std::uint64_t>& word,
                    std::uint64_t mask,
                    std::uint64_t expected,
                    std::uint64_t deadline_ns) noexcept override;
    void pause_until(std::uint64_t deadline_ns) noexcept override;

    // From now on watch_word() finds others that want the processor, or finds none.
    void set_crowded(bool crowded) { crowded_ = crowded; }

    // How often watch_word() was called.
    int watch_count() const { return watch_count_; }

 private:
    // A thread's turn to run. Giving it to another thread also hands over all that was written, so
    // nothing here needs a lock.
    class Turn {
     public:
        Turn() { ::sem_init(&given_, 0, 0); }

        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        Turn(Turn&&) = delete;
        Turn& operator=(Turn&&) = delete;

        ~Turn() { ::sem_destroy(&given_); }

        void give() { ::sem_post(&given_); }

        void wait() {
            while (::sem_wait(&given_) != 0) {
            }
        }

     private:
        sem_t given_;
    };

    struct Actor {
        std::thread thread;
        Turn turn;
        bool done = false;
        std::uint64_t wake_ns = 0;
        std::function<bool()> wakes;  // what it waits for, if anything
    };

    void suspend(std::uint64_t deadline_ns, std::function<bool()> wakes) noexcept;
    Actor* first_to_wake();
    Actor* advance();

    Turn run_turn_;  // of the thread that is in run()
    std::uint64_t now_ns_ = 1;
    std::uint64_t limit_ns_ = 0;
    bool in_time_ = true;
    bool crowded_ = false;
    int watch_count_ = 0;
    std::vector<std::unique_ptr<Actor>> actors_;
    std::multimap<std::uint64_t, std::function<void()>> events_;
    Actor* current_ = nullptr;
};

}  // namespace headway::test
