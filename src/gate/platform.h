// Time and waiting, so that the gate can run under a virtual clock.
#pragma once

#include <atomic>
#include <cstdint>

namespace headway::gate {

// Thread-safe; outlives every lane that uses it.
class Platform {
 public:
    Platform() = default;
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;
    Platform(Platform&&) = delete;
    Platform& operator=(Platform&&) = delete;

    // Monotonic nanoseconds, the same for all processes of the machine.
    virtual std::uint64_t now_ns() noexcept = 0;

    // Waits while *word == expected, until `deadline_ns` at the latest. May return early.
    virtual void wait_word(const std::atomic<std::uint32_t>& word,
                           std::uint32_t expected,
                           std::uint64_t deadline_ns) noexcept = 0;

    // Ends the waits on *word, in all processes.
    virtual void wake_word(const std::atomic<std::uint32_t>& word) noexcept = 0;

    // Looks, without sleeping, until (word & mask) != expected, or until `deadline_ns`. False:
    // somebody else wants the processor, so that the caller should sleep instead.
    virtual bool watch_word(const std::atomic<std::uint64_t>& word,
                            std::uint64_t mask,
                            std::uint64_t expected,
                            std::uint64_t deadline_ns) noexcept = 0;

    // Lets time pass until `deadline_ns`: sleeps while it is far, spins when it is near, because a
    // sleep ends tens of microseconds late.
    virtual void pause_until(std::uint64_t deadline_ns) noexcept = 0;

 protected:
    ~Platform() = default;
};

// The machine's own clock, futexes and sleeps. A static object: never destroyed.
Platform& real_platform() noexcept;

}  // namespace headway::gate
