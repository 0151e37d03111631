#include "board/futex.h"

#include "base/clock.h"

#include <climits>

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace headway::board {

void futex_wait(const std::atomic<std::uint32_t>& word,
                std::uint32_t expected,
                std::uint64_t deadline_ns) noexcept {
    const int saved_errno = errno;  // the program's own errno must not change under it
    timespec deadline{};
    deadline.tv_sec = static_cast<time_t>(deadline_ns / kNsPerS);
    deadline.tv_nsec = static_cast<long>(deadline_ns % kNsPerS);
    // FUTEX_WAIT_BITSET takes an absolute CLOCK_MONOTONIC time, so that a wake between the check
    // and the sleep cannot lengthen the wait.
    const long result = ::syscall(SYS_futex,
                                  reinterpret_cast<const std::uint32_t*>(&word),
                                  FUTEX_WAIT_BITSET,
                                  expected,
                                  &deadline,
                                  nullptr,
                                  FUTEX_BITSET_MATCH_ANY);
    if (result != 0 && errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT) {
        const timespec pause{0, 100'000};
        ::nanosleep(&pause, nullptr);
    }
    errno = saved_errno;
}

void futex_wake_all(const std::atomic<std::uint32_t>& word) noexcept {
    const int saved_errno = errno;
    ::syscall(SYS_futex,
              reinterpret_cast<const std::uint32_t*>(&word),
              FUTEX_WAKE,
              INT_MAX,
              nullptr,
              nullptr,
              0);
    errno = saved_errno;
}

}  // namespace headway::board
