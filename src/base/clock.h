// The clock that every lane of a machine agrees on.
#pragma once

#include <time.h>

#include <cstdint>

namespace headway {

inline constexpr std::uint64_t kNsPerUs = 1'000;
inline constexpr std::uint64_t kNsPerMs = 1'000'000;
inline constexpr std::uint64_t kNsPerS = 1'000'000'000;

// CLOCK_MONOTONIC in nanoseconds: the same in all processes of a machine, never set back, and read
// without a system call (vDSO). Never fails on Linux.
inline std::uint64_t now_ns() noexcept {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * kNsPerS +
           static_cast<std::uint64_t>(time.tv_nsec);
}

// The same clock as it stood at the last tick, up to 10 ms ago: a quarter of the price, for what is
// counted in tenths of a second.
inline std::uint64_t coarse_now_ns() noexcept {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * kNsPerS +
           static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace headway
