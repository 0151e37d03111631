// cuGetProcAddress of the stand-in: the newest form of a name that is not newer than the version
// asked for.
#pragma once

#include "tests/shim/standin/standin.h"

#include <cstdlib>

namespace headway::standin {

// The answer to (name, version, flags): an address, or null with the reason in *out_status (1: no
// such name, 2: the version is too low).
inline void* answer(const char* name, int version, std::uint64_t flags, int* out_status) {
    const bool per_thread = (flags & gpu::kPerThreadStreamFlag) != 0;
    std::size_t best = gpu::kEntryCount;
    bool known = false;
    for (std::size_t row = 0; row < gpu::kEntryCount; ++row) {
        const gpu::EntryInfo& entry = gpu::kEntries[row];
        if (entry.base() != name || exported(static_cast<Entry>(row)) == nullptr) continue;
        known = true;
        if (entry.version > version || (entry.per_thread && !per_thread)) continue;
        // A per-thread form beats any plain one; among equals the newest wins.
        const bool better = best == gpu::kEntryCount ||
                            (entry.per_thread && !gpu::kEntries[best].per_thread) ||
                            (entry.per_thread == gpu::kEntries[best].per_thread &&
                             entry.version > gpu::kEntries[best].version);
        if (better) best = row;
    }
    *out_status = best != gpu::kEntryCount ? 0 : known ? 2 : 1;
    if (best == gpu::kEntryCount) return nullptr;
    static const bool alias = std::getenv("STANDIN_ALIAS") != nullptr;
    return alias ? standin_table[best] : exported(static_cast<Entry>(best));
}

inline Result look_up(
    const char* name, void** out, int version, std::uint64_t flags, int* out_status) {
    int status = 0;
    static const bool logged = std::getenv("STANDIN_LOG_LOOK_UPS") != nullptr;
    if (logged && name != nullptr) {
        char line[200];
        std::snprintf(
            line, sizeof(line), "look-up %s %d %d", name, version, static_cast<int>(flags));
        log().write_text(line);
    }
    if (name == nullptr || out == nullptr) return kErrorInvalidValue;
    *out = answer(name, version, flags, &status);
    if (out_status != nullptr) *out_status = status;
    return *out != nullptr ? gpu::kSuccess : gpu::kErrorNotFound;
}

// Look-ups work in every mode. They are logged on request only, since their arguments are
// addresses.
template <Entry kEntry,
          typename Name,
          typename Out,
          typename Version,
          typename Flags,
          typename... Status>
struct GetProcAddress {
    static Result call(Name name, Out out, Version version, Flags flags, Status... status) {
        int* out_status = nullptr;
        ((out_status = static_cast<int*>(status)), ...);
        return look_up(
            static_cast<const char*>(name), static_cast<void**>(out), version, flags, out_status);
    }
};

template <Entry kEntry, typename... Args>
using GetProcAddress2 = GetProcAddress<kEntry, Args...>;

}  // namespace headway::standin
