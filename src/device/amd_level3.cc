#include "device/amd_level3.h"

#include "base/env.h"
#include "base/say.h"
#include "device/import_hook.h"
#include "device/kfd_topology.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace headway::device {

namespace {

constinit KfdQueues g_queues;

KfdQueues::Mode read_mode() noexcept {
    const char* const text = env_text("HEADWAY_AMD_LEVEL3", "off");
    if (std::strcmp(text, "off") == 0) return KfdQueues::Mode::kOff;
    if (std::strcmp(text, "priority") == 0) return KfdQueues::Mode::kPriority;
    if (std::strcmp(text, "percentage") == 0) return KfdQueues::Mode::kPercentage;
    say_once("HEADWAY_AMD_LEVEL3 is not off, priority or percentage; off is used");
    return KfdQueues::Mode::kOff;
}

int watched_ioctl(int fd, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    return g_queues.pass(fd, request, argument);
}

// What the first library was bound to: it is the C library's in all of them.
void remember_ioctl(void* bound) noexcept {
    static constinit std::atomic<bool> g_known{false};
    if (g_known.exchange(true, std::memory_order_relaxed)) return;
    g_queues.set_ioctl(reinterpret_cast<kfd::Ioctl>(bound));
}

void restore_at_exit() {
    g_queues.restore();
}

void start_once(KfdQueues::Mode mode) noexcept {
    static constinit std::atomic<bool> g_started{false};
    if (g_started.exchange(true, std::memory_order_relaxed)) return;
    say_once("AMD queue control is untested on hardware (HEADWAY_AMD_LEVEL3)");
    g_queues.set_mode(mode);
    std::atexit(&restore_at_exit);
}

}  // namespace

KfdQueues::Mode amd_level3_mode() noexcept {
    constexpr int kUnread = -1;
    static constinit std::atomic<int> g_known{kUnread};
    int known = g_known.load(std::memory_order_relaxed);
    if (known == kUnread) {
        known = static_cast<int>(read_mode());
        g_known.store(known, std::memory_order_relaxed);
    }
    return static_cast<KfdQueues::Mode>(known);
}

bool watch_amd_queues() noexcept {
    const KfdQueues::Mode mode = amd_level3_mode();
    if (mode == KfdQueues::Mode::kOff) return false;
    const int saved_errno = errno;
    start_once(mode);
    const ImportLead lead{"ioctl",
                          reinterpret_cast<void*>(&watched_ioctl),
                          &remember_ioctl,
                          reinterpret_cast<void*>(&::ioctl)};
    // Newer run-time libraries contain the other one; Debian's, and older ones, are linked to it.
    const std::uint32_t led =
        lead_imports("libhsa-runtime64", lead) + lead_imports("libhsakmt", lead);
    errno = saved_errno;
    return led != 0;
}

bool amd_queues_give_way(const char* pci_address, bool outranked) noexcept {
    if (g_queues.mode() == KfdQueues::Mode::kOff) return false;
    // Alone or in front from the start: the driver's files are not even read.
    static constinit std::atomic<bool> g_was_outranked{false};
    if (!outranked && !g_was_outranked.load(std::memory_order_relaxed)) return false;
    g_was_outranked.store(true, std::memory_order_relaxed);
    const int saved_errno = errno;
    const std::uint32_t gpu_id = kfd::find_gpu_id(kfd::kNodesFolder, pci_address);
    errno = saved_errno;
    return gpu_id != 0 && g_queues.give_way(gpu_id, outranked);
}

void forget_amd_queues() noexcept {
    g_queues.forget();
}

KfdQueues& amd_queues() noexcept {
    return g_queues;
}

}  // namespace headway::device
