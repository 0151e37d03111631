// Sleeping on a word of a board, across processes.
#pragma once

#include <atomic>
#include <cstdint>

namespace headway::board {

// Sleeps while *word == expected, until `deadline_ns` (CLOCK_MONOTONIC) at the latest. May return
// early for no reason. A kernel that refuses is answered with a plain sleep, so a caller's loop
// never spins.
void futex_wait(const std::atomic<std::uint32_t>& word,
                std::uint32_t expected,
                std::uint64_t deadline_ns) noexcept;

// Wakes everybody who sleeps on *word.
void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept;

}  // namespace headway::board
