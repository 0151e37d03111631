// Opens the installed driver and fills the forwarders' slots. No locks: every step may be taken by
// two threads at once and has the same outcome, so neither a fork nor a loader callback can find a
// lock held.
#include "shim/gpu/driver.h"

#include "base/env.h"
#include "shim/gpu/driver_calls.h"
#include "shim/gpu/guard.h"

#include <dlfcn.h>

#include <atomic>

namespace headway::gpu {
namespace {

// The answer to a yes-or-no question about the environment, asked once.
class OnceFlag {
 public:
    explicit constexpr OnceFlag(const char* name) noexcept : name_(name) {}

    bool get() noexcept {
        const int known = state_.load(std::memory_order_relaxed);
        if (known != kUnknown) return known == kYes;
        const int state = env_flag(name_) ? kYes : kNo;
        state_.store(state, std::memory_order_relaxed);
        return state == kYes;
    }

 private:
    static constexpr int kUnknown = 0, kNo = 1, kYes = 2;
    const char* name_;
    std::atomic<int> state_{kUnknown};
};

constinit OnceFlag g_disabled("HEADWAY_DISABLE");
constinit OnceFlag g_counting("HEADWAY_STATS");

// Null: not opened yet; kNoDriver: looked for and not found.
constinit std::atomic<void*> g_handle{nullptr};
constinit char g_no_driver_mark = 0;

void* no_driver() noexcept {
    return &g_no_driver_mark;
}

// A constructor of the driver, or of a library that it loads, may open libcuda.so.1 itself while we
// are opening it: then it is there, and must not be opened again.
constinit thread_local bool t_opening = false;

Result not_supported() noexcept {
    return kErrorNotSupported;
}

Result not_initialized() noexcept {
    return kErrorNotInitialized;
}

Result no_device() noexcept {
    return kErrorNoDevice;
}

// For functions that return a pointer, a number, or nothing.
void* nothing() noexcept {
    return nullptr;
}

// What a row leads to that the driver lacks, or that has no driver.
void* stand_in(Entry entry) noexcept {
    if (info(entry).call_class == CallClass::kPlain) return reinterpret_cast<void*>(&nothing);
    if (driver_handle() != nullptr) return reinterpret_cast<void*>(&not_supported);
    return result_without_driver(entry) == kErrorNoDevice
               ? reinterpret_cast<void*>(&no_device)
               : reinterpret_cast<void*>(&not_initialized);
}

bool is_stand_in(const void* function) noexcept {
    return function == reinterpret_cast<void*>(&not_supported) ||
           function == reinterpret_cast<void*>(&nothing) ||
           function == reinterpret_cast<void*>(&not_initialized) ||
           function == reinterpret_cast<void*>(&no_device);
}

std::atomic_ref<void*> driver_function_ref(std::size_t index) noexcept {
    return std::atomic_ref<void*>(driver_functions[index]);
}

// Finds the driver's function for a row and remembers it, whatever it is.
void* resolve(Entry entry) noexcept {
    const std::atomic_ref<void*> function = driver_function_ref(index_of(entry));
    void* known = function.load(std::memory_order_acquire);
    if (known != nullptr) return known;
    void* const handle = driver_available() ? driver_handle() : nullptr;
    void* found = handle != nullptr ? dlsym(handle, info(entry).symbol) : nullptr;
    if (found == nullptr) found = stand_in(entry);
    if (t_opening) return found;  // called by the driver's own constructors: not the last word
    // Another thread may have learned it from cuGetProcAddress meanwhile: the first one stays.
    if (function.compare_exchange_strong(known, found, std::memory_order_acq_rel)) return found;
    return known;
}

}  // namespace

constinit void* driver_functions[kEntryCount] = {};

bool disabled() noexcept {
    return g_disabled.get();
}

bool counting() noexcept {
    return g_counting.get();
}

bool driver_opened() noexcept {
    return driver_handle() != nullptr;
}

void* driver_handle() noexcept {
    void* const handle = g_handle.load(std::memory_order_acquire);
    return handle == no_driver() ? nullptr : handle;
}

bool driver_available(const char* hint) noexcept {
    void* handle = g_handle.load(std::memory_order_acquire);
    if (handle != nullptr) return handle != no_driver();
    if (t_opening) return true;
    t_opening = true;
    void* found = open_driver(hint);
    t_opening = false;
    if (found == nullptr) {
        found = no_driver();
    } else if (!disabled()) {
        watch_driver(found);
    }
    g_handle.compare_exchange_strong(handle, found, std::memory_order_acq_rel);
    return driver_opened();
}

void* bound_function(Entry entry) noexcept {
    return resolve(entry);
}

void* driver_function(Entry entry) noexcept {
    void* const function = resolve(entry);
    return is_stand_in(function) ? nullptr : function;
}

void learn_driver_function(Entry entry, void* function) noexcept {
    const std::atomic_ref<void*> known = driver_function_ref(index_of(entry));
    void* expected = known.load(std::memory_order_acquire);
    if (expected == nullptr || is_stand_in(expected)) {
        known.compare_exchange_strong(expected, function, std::memory_order_acq_rel);
    }
}

// Called by a forwarder whose slot still leads to its stub: chooses the target, and returns it.
extern "C" void* headway_shim_bind(std::uint32_t index) noexcept {
    const Entry entry = static_cast<Entry>(index);
    void* const function = resolve(entry);
    void* target = function;
    if (!disabled() && driver_opened()) {
        if (void* const hook = hook_of(entry); hook != nullptr) target = hook;
        if (kStartsByItself && is_gated(info(entry).call_class)) report_start();
    }
    if (counting()) {
        std::atomic_ref<void*>(headway_shim_targets[index])
            .store(target, std::memory_order_release);
        target = headway_shim_count_thunks + kCountThunkBytes * index;
    }
    // While the driver is being opened by this very thread, the answer may still change.
    if (!t_opening) {
        // Release: whoever jumps there must see driver_functions[index].
        std::atomic_ref<void*>(headway_shim_slots[index]).store(target, std::memory_order_release);
    }
    return target;
}

}  // namespace headway::gpu
