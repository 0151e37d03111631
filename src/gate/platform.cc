#include "gate/platform.h"

#include "base/clock.h"
#include "base/relax_processor.h"
#include "board/futex.h"

#include <errno.h>
#include <time.h>

namespace headway::gate {

namespace {

// A sleep ends up to this late (50 us of timer slack by default, and the way out of idle).
constexpr std::uint64_t kSleepLatenessNs = 100'000;

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

    void pause_until(std::uint64_t deadline_ns) noexcept override {
        std::uint64_t now = headway::now_ns();
        if (deadline_ns >= now + 2 * kSleepLatenessNs) {
            const int saved_errno = errno;  // the program's own errno must not change under it
            const std::uint64_t sleep_ns = deadline_ns - now - kSleepLatenessNs;
            const timespec duration{static_cast<time_t>(sleep_ns / kNsPerS),
                                    static_cast<long>(sleep_ns % kNsPerS)};
            ::nanosleep(&duration, nullptr);
            errno = saved_errno;
            now = headway::now_ns();
        }
        while (now < deadline_ns) {
            relax_processor();
            now = headway::now_ns();
        }
    }
};

}  // namespace

Platform& real_platform() noexcept {
    static RealPlatform platform;
    return platform;
}

}  // namespace headway::gate
