// The installed driver: where it is, its functions, and what the exported forwarders lead to.
#pragma once

#include "driver_abi.h"
#include "shim/gpu/entries.h"

#include <atomic>
#include <cstdint>

// Defined in forwarders_*.S, one element a row.
extern "C" {
extern void* headway_shim_slots[];           // where each forwarder jumps
extern void* headway_shim_targets[];         // where the counting thunks jump
extern std::uint64_t headway_shim_counts[];  // calls through the counting thunks
extern char headway_shim_count_thunks[];     // kCountThunkBytes each
extern char headway_shim_forwarders[];       // the exported entries, kForwarderBytes each
}

namespace headway::gpu {

// True with HEADWAY_DISABLE=1: every forwarder leads straight to the driver. Read once.
bool disabled() noexcept;

// True with HEADWAY_STATS=1: every call is counted by its entry. Read once.
bool counting() noexcept;

// Whether the driver is there; opens it if that has not happened: the installed one, or, where none
// is found, the file `hint`. Thread-safe. Blocks as dlopen does.
bool driver_available(const char* hint = nullptr) noexcept;

// Whether the driver has been opened already. Never blocks.
bool driver_opened() noexcept;

// The opened driver's dlopen handle, or null.
void* driver_handle() noexcept;

// The driver's own function for a row, or null if the driver is missing or lacks it. Opens the
// driver on first use. Thread-safe.
void* driver_function(Entry entry) noexcept;

// Gives a row that the driver does not export the pointer that its cuGetProcAddress returned. Keeps
// what is there already.
void learn_driver_function(Entry entry, void* function) noexcept;

// The distance between two of them; the assembler checks it.
#if defined(__aarch64__)
inline constexpr std::size_t kCountThunkBytes = 64;
#else
inline constexpr std::size_t kCountThunkBytes = 32;
#endif
inline constexpr std::size_t kForwarderBytes = 32;

// The exported forwarder of a row: what dlsym and cuGetProcAddress give the program.
inline void* forwarder(Entry entry) noexcept {
    return headway_shim_forwarders + kForwarderBytes * index_of(entry);
}

// The hook of a row, or null. Defined in hook_table.cc.
void* hook_of(Entry entry) noexcept;

// By row: the driver's function, or one that returns an error. Set before anything can reach the
// row's hook, so hooks call it unchecked.
extern constinit void* driver_functions[kEntryCount];

// What driver_functions[entry] is to hold: finds it if it is not there yet.
void* bound_function(Entry entry) noexcept;

// The driver's function of a row that has been reached through its slot. Relaxed: whoever filled
// the slot filled this before, but nothing orders the two for a processor that may read ahead; then
// it is found once more.
template <Entry kEntry, typename... Args>
inline Result call_driver(Args... args) noexcept {
    using Function = Result (*)(Args...);
    void* function =
        std::atomic_ref<void*>(driver_functions[index_of(kEntry)]).load(std::memory_order_relaxed);
    if (function == nullptr) [[unlikely]]
        function = bound_function(kEntry);
    return reinterpret_cast<Function>(function)(args...);
}

// The driver's function of any row, looked up if need be; kErrorNotSupported if there is none.
template <Entry kEntry, typename... Args>
inline Result call_driver_if_there(Args... args) noexcept {
    using Function = Result (*)(Args...);
    void* const function = driver_function(kEntry);
    if (function == nullptr) return kErrorNotSupported;
    return reinterpret_cast<Function>(function)(args...);
}

}  // namespace headway::gpu
