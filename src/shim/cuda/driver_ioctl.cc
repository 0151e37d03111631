#include "shim/cuda/driver_ioctl.h"

#include "base/env.h"
#include "base/say.h"
#include "device/import_hook.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstring>

namespace headway::gpu {

namespace {

constinit device::ChannelGroups g_groups;
constinit std::atomic<device::rm::Ioctl> g_real_ioctl{nullptr};

// Short enough that preemption costs little more than the context switch itself (some 180 us on an
// H200), and free for a process that runs alone (measured, docs/bench-method.md).
constexpr std::uint32_t kAutoUs = 20;
constexpr std::uint32_t kUnread = UINT32_MAX;

std::uint32_t read_timeslice_us() noexcept {
    const char* const text = env_text("HEADWAY_TIMESLICE_US", "auto");
    if (std::strcmp(text, "auto") == 0) return kAutoUs;
    if (std::strcmp(text, "off") == 0) return 0;
    std::int64_t number = kAutoUs;
    if (env_number("HEADWAY_TIMESLICE_US", 1, 1'000'000, &number) == EnvNumber::kInvalid) {
        say_once(
            "HEADWAY_TIMESLICE_US is not auto, off or a number from 1 to 1000000; auto is "
            "used");
    }
    return static_cast<std::uint32_t>(number);
}

int watched_ioctl(int fd, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    const device::rm::Ioctl real = g_real_ioctl.load(std::memory_order_acquire);
    const int result = (real != nullptr ? real : &::ioctl)(fd, request, argument);
    if (result == 0) {
        const int saved_errno = errno;
        g_groups.observe(fd, request, argument);
        errno = saved_errno;
    }
    return result;
}

void remember_ioctl(void* bound) noexcept {
    const auto real = reinterpret_cast<device::rm::Ioctl>(bound);
    g_groups.set_ioctl(real);
    g_real_ioctl.store(real, std::memory_order_release);
}

}  // namespace

device::ChannelGroups& channel_groups() noexcept {
    return g_groups;
}

std::uint32_t timeslice_us() noexcept {
    static constinit std::atomic<std::uint32_t> g_known{kUnread};
    std::uint32_t us = g_known.load(std::memory_order_relaxed);
    if (us != kUnread) return us;
    us = read_timeslice_us();
    g_known.store(us, std::memory_order_relaxed);
    return us;
}

bool watch_driver_ioctl(void* driver_handle) noexcept {
    static constinit std::atomic<bool> g_done{false};
    if (timeslice_us() == 0 || g_done.exchange(true, std::memory_order_relaxed)) return false;
    return device::lead_import(driver_handle,
                               {"ioctl",
                                reinterpret_cast<void*>(&watched_ioctl),
                                &remember_ioctl,
                                reinterpret_cast<void*>(&::ioctl)});
}

}  // namespace headway::gpu
