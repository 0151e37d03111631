// The rows of driver_api.tbl as numbers and facts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace headway::cuda {

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
};
inline constexpr std::size_t kCallClassCount = 16;

inline constexpr bool is_gated(CallClass call_class) noexcept {
    return call_class <= CallClass::kPrefetch;
}

// One enumerator a row, in the driver's own spelling: Entry::cuLaunchKernel_ptsz.
// NOLINTBEGIN(readability-identifier-naming): the driver's spelling
enum class Entry : std::uint16_t {
#define CU(symbol, ...) symbol,
#include "shim/cuda/driver_api.tbl"
#undef CU
};

// NOLINTEND(readability-identifier-naming)

inline constexpr std::size_t index_of(Entry entry) noexcept {
    return static_cast<std::size_t>(entry);
}

// True for the form of a function that takes stream 0 as the calling thread's own default stream.
inline constexpr bool is_per_thread(std::string_view symbol) noexcept {
    return symbol.size() > 5 && (symbol.substr(symbol.size() - 5) == "_ptsz" ||
                                 symbol.substr(symbol.size() - 5) == "_ptds");
}

// The name that cuGetProcAddress is asked for: without _ptsz or _ptds, and then without _v2 to _v9.
inline constexpr std::string_view base_name(std::string_view symbol) noexcept {
    if (is_per_thread(symbol)) symbol.remove_suffix(5);
    const std::size_t size = symbol.size();
    if (size > 3 && symbol[size - 3] == '_' && symbol[size - 2] == 'v') symbol.remove_suffix(3);
    return symbol;
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
#define CU(symbol, version, call_class, ...)                                \
    {#symbol,                                                               \
     version,                                                               \
     static_cast<std::uint8_t>(::headway::cuda::base_name(#symbol).size()), \
     ::headway::cuda::is_per_thread(#symbol),                               \
     CallClass::k##call_class},
#include "shim/cuda/driver_api.tbl"
#undef CU
};
inline constexpr std::size_t kEntryCount = std::size(kEntries);

inline constexpr const EntryInfo& info(Entry entry) noexcept {
    return kEntries[index_of(entry)];
}

}  // namespace headway::cuda
