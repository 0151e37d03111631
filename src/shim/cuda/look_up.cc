// The same name has several forms, with different arguments, chosen by the version and the flags
// that are asked for. Giving a program the hook of another form than it asked for would corrupt its
// calls. So the driver answers first, and its answer is compared with what it says for each form
// that we know.
#include "shim/gpu/look_up.h"

#include "shim/gpu/driver.h"
#include "shim/gpu/entries.h"

#include <atomic>
#include <cstddef>
#include <string_view>

namespace headway::gpu {
namespace {

constinit std::atomic<std::uint64_t> g_unknown{0};

std::uint64_t flags_of(const EntryInfo& entry) noexcept {
    return entry.per_thread ? kPerThreadStreamFlag : 0;
}

// Rows with a hook; when every call is counted, all rows.
bool wanted(std::size_t row) noexcept {
    return counting() || hook_of(static_cast<Entry>(row)) != nullptr;
}

}  // namespace

void* substitute(
    const char* name, int version, std::uint64_t flags, void* found, AskDriver ask) noexcept {
    const std::string_view base(name);
    bool hooked_name = false;
    std::size_t answer = kEntryCount;
    // The runtime asks with the version and flags of a form: then there is nothing to compare.
    for (std::size_t row = 0; row < kEntryCount && answer == kEntryCount; ++row) {
        const EntryInfo& entry = kEntries[row];
        if (entry.base() != base || !wanted(row)) continue;
        hooked_name = true;
        if (entry.version == version && flags == flags_of(entry)) answer = row;
    }
    for (std::size_t row = 0; hooked_name && row < kEntryCount && answer == kEntryCount; ++row) {
        const EntryInfo& entry = kEntries[row];
        if (entry.base() != base || !wanted(row)) continue;
        if (ask(name, entry.version, flags_of(entry)) == found) answer = row;
    }
    if (answer != kEntryCount) {
        learn_driver_function(static_cast<Entry>(answer), found);
        return forwarder(static_cast<Entry>(answer));
    }
    if (hooked_name) g_unknown.fetch_add(1, std::memory_order_relaxed);
    return found;
}

std::uint64_t unknown_look_ups() noexcept {
    return g_unknown.load(std::memory_order_relaxed);
}

}  // namespace headway::gpu
