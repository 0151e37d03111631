#include "shim/gpu/guard.h"

#include "shim/gpu/capture.h"
#include "shim/gpu/driver_calls.h"

#include <execinfo.h>
#include <link.h>
#include <pthread.h>

#include <cstddef>
#include <cstdlib>

namespace headway::gpu {
namespace {

// The deepest stack of a host function that is looked through, and how many of the outermost frames
// may hold the start of a thread of the driver: its start routine, under the C library's two.
constexpr int kFramesMax = 128;
constexpr int kOutermostFrames = 4;

constinit std::atomic<bool> g_started{false};

struct CodeSearch {
    const void* anchor;  // an address in the driver
    void* const* frames;
    int count;
    bool found;
};

// Whether one of the frames lies in the same loaded object as the anchor.
int search_object(dl_phdr_info* object, std::size_t, void* argument) noexcept {
    auto* search = static_cast<CodeSearch*>(argument);
    const auto holds = [object](const void* address) noexcept {
        const auto value = reinterpret_cast<ElfW(Addr)>(address);
        for (int i = 0; i < object->dlpi_phnum; ++i) {
            const ElfW(Phdr)& segment = object->dlpi_phdr[i];
            const ElfW(Addr) start = object->dlpi_addr + segment.p_vaddr;
            if (segment.p_type == PT_LOAD && value >= start && value - start < segment.p_memsz) {
                return true;
            }
        }
        return false;
    };
    if (!holds(search->anchor)) return 0;
    for (int i = 0; i < search->count; ++i)
        search->found |= holds(search->frames[i]);
    return 1;
}

// A thread of the driver is told by where it started. Looked at once a thread, and only when it is
// about to be gated: walking a stack takes microseconds.
bool started_by_driver() noexcept {
    const void* const anchor = driver_code();
    if (anchor == nullptr) return false;
    void* frames[kFramesMax];
    const int count = backtrace(frames, kFramesMax);
    const int first = count > kOutermostFrames ? count - kOutermostFrames : 0;
    CodeSearch search{anchor, frames + first, count - first, false};
    dl_iterate_phdr(&search_object, &search);
    return search.found;
}

void begin_exit() noexcept {
    exiting.store(true, std::memory_order_relaxed);
    on_exit();
}

void after_fork_in_child() noexcept {
    forget_captures();
    on_fork_child();
}

}  // namespace

constinit thread_local ThreadState thread_state{};
constinit std::atomic<bool> exiting{false};

void mark_own_thread() noexcept {
    thread_state.own = true;
}

bool may_hold(std::uintptr_t stream, Bypass* out_reason) noexcept {
    ThreadState& thread = thread_state;
    if (exiting.load(std::memory_order_relaxed)) {
        *out_reason = Bypass::kExiting;
    } else if (thread.own) {
        *out_reason = Bypass::kOwnThread;
    } else if (thread.depth != 0) {
        *out_reason = Bypass::kInside;
    } else if (is_capturing(stream)) {
        *out_reason = Bypass::kCapturing;
    } else {
        if (!thread.classified) {
            thread.of_driver = started_by_driver();
            thread.classified = true;
        }
        *out_reason = Bypass::kCallback;
        return !thread.of_driver;
    }
    return false;
}

void report_start() noexcept {
    if (g_started.exchange(true, std::memory_order_relaxed)) return;
    // Functions registered later run earlier: calls made by destructors of objects that are older
    // than the start are passed, and a hold in one of the others ends by its bound.
    std::atexit(&begin_exit);
    pthread_atfork(nullptr, nullptr, &after_fork_in_child);
    on_init();
}

}  // namespace headway::gpu
