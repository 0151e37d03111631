// The rows of driver_api.tbl as numbers and facts.
#pragma once

#include "driver_abi.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace headway::gpu {

// What a driver call is to the scheduler. kLaunch to kPrefetch are gated, the others only observed
// or passed on.
enum class CallClass : std::uint8_t {
    kLaunch,
    kGraphLaunch,
    kCopy,
    kMemset,
    kPrefetch,
    kSync,
    kEvent,
    kStream,
    kCapture,
    kContext,
    kAlloc,
    kGraph,
    kCallback,
    kInit,
    kLookUp,
    kPass,
    kPlain,  // passed on, and what it returns is no Result
};
inline constexpr std::size_t kCallClassCount = 17;

inline constexpr bool is_gated(CallClass call_class) noexcept {
    return call_class <= CallClass::kPrefetch;
}

// One enumerator a row, in the driver's own spelling: Entry::cuLaunchKernel_ptsz.
// NOLINTBEGIN(readability-identifier-naming): the driver's spelling
enum class Entry : std::uint16_t {
#define API(symbol, ...) symbol,
#include "driver_api.tbl"
#undef API
};

// NOLINTEND(readability-identifier-naming)

inline constexpr std::size_t index_of(Entry entry) noexcept {
    return static_cast<std::size_t>(entry);
}

struct EntryInfo {
    const char* symbol;
    std::uint16_t version;
    std::uint8_t base_bytes;  // length of base_name(symbol)
    bool per_thread;
    CallClass call_class;

    constexpr std::string_view base() const noexcept { return {symbol, base_bytes}; }
};

// By Entry.
inline constexpr EntryInfo kEntries[] = {
#define API(symbol, version, call_class, ...)                              \
    {#symbol,                                                              \
     version,                                                              \
     static_cast<std::uint8_t>(::headway::gpu::base_name(#symbol).size()), \
     ::headway::gpu::is_per_thread(#symbol),                               \
     CallClass::k##call_class},
#include "driver_api.tbl"
#undef API
};
inline constexpr std::size_t kEntryCount = std::size(kEntries);

inline constexpr const EntryInfo& info(Entry entry) noexcept {
    return kEntries[index_of(entry)];
}

}  // namespace headway::gpu
