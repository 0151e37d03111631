// hipGetProcAddress looks its answer up by name alone, in a library that it opens by name; so the
// answer may be the runtime's function or, opened through us, our own forwarder of it.
#include "shim/gpu/look_up.h"

#include "shim/gpu/driver.h"
#include "shim/gpu/entries.h"

#include <atomic>
#include <cstddef>
#include <string_view>

namespace headway::gpu {
namespace {

constinit std::atomic<std::uint64_t> g_unknown{0};

bool wanted(Entry entry) noexcept {
    return counting() || hook_of(entry) != nullptr;
}

}  // namespace

void* substitute(const char* name, int, std::uint64_t flags, void* found, AskDriver) noexcept {
    const std::string_view asked(name);
    const bool per_thread = (flags & kPerThreadStreamFlag) != 0;
    bool hooked_name = false;
    for (std::size_t row = 0; row < kEntryCount; ++row) {
        const auto entry = static_cast<Entry>(row);
        const EntryInfo& form = info(entry);
        // By its own name, or by the base name of the form for per-thread default streams.
        const bool named =
            asked == form.symbol || (per_thread && form.per_thread && form.base() == asked);
        if (!named || !wanted(entry)) continue;
        hooked_name = true;
        if (found == forwarder(entry) || found == driver_function(entry)) return forwarder(entry);
    }
    if (hooked_name) g_unknown.fetch_add(1, std::memory_order_relaxed);
    return found;
}

std::uint64_t unknown_look_ups() noexcept {
    return g_unknown.load(std::memory_order_relaxed);
}

}  // namespace headway::gpu
