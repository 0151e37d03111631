// Which of a lane's threads is next in its window.
#pragma once

#include "base/clock.h"

#include <cstdint>

namespace headway::gate {

// The window has room for one thread's short kernels long before it has room for another's long
// one, so the long one would wait for ever beside short ones without end. Who has waited for some
// time therefore goes first: until then the threads behind it let the window drain. Not
// thread-safe: its lane locks.
class WindowTurn {
 public:
    // So long a wait is nothing special: a window is emptied several times meanwhile.
    static constexpr std::uint64_t kPatienceNs = 2 * kNsPerMs;

    // Whether a thread that waits since `since_ns` must let another one go first.
    bool behind(std::uint64_t since_ns, std::uint64_t now_ns) const noexcept {
        return now_ns < until_ns_ && since_ns_ < since_ns;
    }

    // Nobody is to be let through first.
    bool free(std::uint64_t now_ns) const noexcept { return now_ns >= until_ns_; }

    // A thread goes on waiting, and looks again at `recheck_ns`. One that does not is forgotten
    // soon: it may have been let through for another reason, or be gone.
    void waits(std::uint64_t since_ns, std::uint64_t now_ns, std::uint64_t recheck_ns) noexcept {
        if (now_ns - since_ns < kPatienceNs || behind(since_ns, now_ns)) return;
        since_ns_ = since_ns;
        until_ns_ = recheck_ns + kPatienceNs;
    }

    void served(std::uint64_t since_ns) noexcept {
        if (since_ns == since_ns_) until_ns_ = 0;
    }

 private:
    std::uint64_t since_ns_ = 0;
    std::uint64_t until_ns_ = 0;
};

}  // namespace headway::gate
