#include "gate/platform.h"

#include "base/clock.h"
#include "base/relax_processor.h"
#include "board/futex.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include <utility>

namespace headway::gate {

namespace {

// A sleep ends up to this late (50 us of timer slack by default, and the way out of idle).
constexpr std::uint64_t kSleepLatenessNs = 100'000;

// Between two looks at a word, and between two offers of the processor. An offer is a system call,
// and those slow down a thread on the same core's other half.
constexpr std::uint64_t kLookNs = 500;
constexpr std::uint64_t kOfferNs = 5'000;

// Whoever gives the processor away and gets it back later than this may have given it to another
// thread. An interrupt takes less, and a kernel's thread not much more.
constexpr std::uint64_t kLateNs = 20'000;

// A watcher that others keep from the processor for so long in all is in their way.
constexpr std::uint64_t kTakenMostNs = 200'000;

// A real-time thread gives its processor to its like only, however often it offers it.
bool yields_to_all() noexcept {
    const int scheduler = ::sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    return scheduler != SCHED_FIFO && scheduler != SCHED_RR;
}

// How often the calling thread had to leave its processor to another.
std::int64_t switches() noexcept {
    rusage usage{};
    return ::getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

// Offers the processor to others. Returns for how long another thread had it; 0 where the machine
// itself was away. `switch_count`: switches() before, and then after.
std::uint64_t offer_processor(std::int64_t* switch_count) noexcept {
    const std::uint64_t begin = headway::now_ns();
    ::sched_yield();
    const std::uint64_t away_ns = headway::now_ns() - begin;
    if (away_ns <= kLateNs) return 0;
    const std::int64_t before = std::exchange(*switch_count, switches());
    return *switch_count != before ? away_ns : 0;
}

void spin_until(std::uint64_t deadline_ns) noexcept {
    while (headway::now_ns() < deadline_ns)
        relax_processor();
}

class RealPlatform final : public Platform {
 public:
    std::uint64_t now_ns() noexcept override { return headway::now_ns(); }

    void wait_word(const std::atomic<std::uint32_t>& word,
                   std::uint32_t expected,
                   std::uint64_t deadline_ns) noexcept override {
        board::futex_wait(word, expected, deadline_ns);
    }

    void wake_word(const std::atomic<std::uint32_t>& word) noexcept override {
        board::futex_wake_all(word);
    }

    bool watch_word(const std::atomic<std::uint64_t>& word,
                    std::uint64_t mask,
                    std::uint64_t expected,
                    std::uint64_t deadline_ns) noexcept override {
        const auto is_over = [&]() noexcept {
            const bool changed = (word.load(std::memory_order_acquire) & mask) != expected;
            return changed || headway::now_ns() >= deadline_ns;
        };
        if (is_over()) return true;
        if (!yields_to_all()) return false;
        std::int64_t switch_count = switches();
        std::uint64_t taken_ns = 0;
        std::uint64_t offered_ns = 0;
        do {
            const std::uint64_t now = headway::now_ns();
            if (now - offered_ns >= kOfferNs) {
                offered_ns = now;
                taken_ns += offer_processor(&switch_count);
                if (taken_ns > kTakenMostNs) return false;
            }
            spin_until(now + kLookNs);
        } while (!is_over());
        return true;
    }

    void pause_until(std::uint64_t deadline_ns) noexcept override {
        const std::uint64_t now = headway::now_ns();
        if (deadline_ns >= now + 2 * kSleepLatenessNs) {
            const int saved_errno = errno;  // the program's own errno must not change under it
            const std::uint64_t sleep_ns = deadline_ns - now - kSleepLatenessNs;
            const timespec duration{static_cast<time_t>(sleep_ns / kNsPerS),
                                    static_cast<long>(sleep_ns % kNsPerS)};
            ::nanosleep(&duration, nullptr);
            errno = saved_errno;
        }
        spin_until(deadline_ns);
    }
};

}  // namespace

Platform& real_platform() noexcept {
    static RealPlatform platform;
    return platform;
}

}  // namespace headway::gate
