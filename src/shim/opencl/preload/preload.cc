// Preloaded in front of an ICD loader that knows no layers: plays, for Headway's layer, what such a
// loader lacks. The exported functions jump through slots (shim/gpu/forwarders_*.S); the first call
// through a slot binds it, here. No locks: a fork can find none held.
#include "base/env.h"

#include <CL/cl_ext.h>
#include <CL/cl_icd.h>
#include <CL/cl_layer.h>

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <type_traits>

// An attribute of a function's type (its calling convention) is lost when the type becomes a
// template's argument; on Linux there is none.
#pragma GCC diagnostic ignored "-Wignored-attributes"
// Old functions are led on as new ones are.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace headway::opencl {

namespace {

constexpr const char* kLoader = "libOpenCL.so.1";
constexpr const char* kLayer = "libheadway_opencl.so";

// How long a thread waits for another one that is starting the layer: at least a second, which is
// more than it takes. Then its call goes to the loader.
constexpr int kStartWaitsMax = 1000;
constexpr timespec kStartWait{0, 1'000'000};

#define API(symbol) #symbol,
constexpr const char* kNames[] = {
#include "shim/opencl/preload/driver_api.tbl"
};
#undef API

#define API(symbol) offsetof(cl_icd_dispatch, symbol) / sizeof(void*),
constexpr std::size_t kEntries[] = {
#include "shim/opencl/preload/driver_api.tbl"
};
#undef API

constexpr std::size_t kRowCount = std::size(kNames);
constexpr cl_uint kEntryCount = sizeof(cl_icd_dispatch) / sizeof(void*);

constexpr bool in_order() noexcept {
    for (std::size_t row = 1; row < kRowCount; ++row) {
        if (kEntries[row] <= kEntries[row - 1]) return false;
    }
    return true;
}

static_assert(in_order(), "the table is in the order of cl_icd_dispatch, each function once");
static_assert(kEntries[0] == offsetof(cl_icd_dispatch, clGetPlatformIDs));

// What a function leads to that the loader lacks.
template <typename Function>
struct Lacking;

template <typename Result, typename... Arguments>
struct Lacking<Result (*)(Arguments...)> {
    static Result CL_API_CALL call(Arguments... arguments) noexcept {
        if constexpr (std::is_same_v<Result, cl_int>) {
            return CL_INVALID_OPERATION;
        } else if constexpr (!std::is_void_v<Result>) {
            (note(arguments), ...);
            return nullptr;
        }
    }

 private:
    // The only cl_int* of these functions is where an error goes.
    static void note(cl_int* error) noexcept {
        if (error != nullptr) *error = CL_INVALID_OPERATION;
    }

    template <typename Other>
    static void note(Other) noexcept {}
};

cl_int CL_API_CALL no_platforms(cl_uint, cl_platform_id*, cl_uint* out_count) noexcept {
    if (out_count != nullptr) *out_count = 0;
    return CL_PLATFORM_NOT_FOUND_KHR;
}

template <typename Function>
void* lacking_of() noexcept {
    return reinterpret_cast<void*>(&Lacking<Function>::call);
}

#define API(symbol) &lacking_of<decltype(cl_icd_dispatch::symbol)>,
constexpr void* (*kLacking[])() noexcept = {
#include "shim/opencl/preload/driver_api.tbl"
};
#undef API

void* lacking(std::size_t row) noexcept {
    return row == 0 ? reinterpret_cast<void*>(&no_platforms) : kLacking[row]();
}

// Where the loader's functions are looked up: RTLD_NEXT, a handle that is never closed, or null
// while there is none.
constinit std::atomic<void*> g_loader{nullptr};
constinit std::atomic<void*> g_functions[kRowCount];

// An object of the process, by its position; all are asked, as what loads a loader may be a plugin
// whose libraries nobody else sees, and the loader may have any name.
struct Wanted {
    int position;
    char path[PATH_MAX];
};

int note_object(dl_phdr_info* info, std::size_t, void* data) noexcept {
    auto* const wanted = static_cast<Wanted*>(data);
    if (wanted->position-- != 0) return 0;
    std::snprintf(wanted->path, sizeof wanted->path, "%s", info->dlpi_name);
    return 1;
}

// Keeps the object that holds the function for ever, as slots lead there. Null: it is this library.
void* hold_object_of(void* function) noexcept {
    Dl_info own{};
    Dl_info info{};
    if (function == nullptr || ::dladdr(function, &info) == 0) return nullptr;
    if (::dladdr(&g_loader, &own) == 0 || own.dli_fbase == info.dli_fbase) return nullptr;
    return ::dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

void* search_loader() noexcept {
    if (::dlsym(RTLD_NEXT, kNames[0]) != nullptr) return RTLD_NEXT;
    void* const usual = ::dlopen(kLoader, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    if (usual != nullptr) return usual;
    Wanted wanted{};
    for (int position = 0;; ++position) {
        wanted.position = position;
        if (::dl_iterate_phdr(note_object, &wanted) == 0) return nullptr;
        // The program itself has no name; what it sees is this library.
        if (wanted.path[0] == '\0') continue;
        void* const object = ::dlopen(wanted.path, RTLD_LAZY | RTLD_NOLOAD);
        if (object == nullptr) continue;
        void* const loader = hold_object_of(::dlsym(object, kNames[0]));
        ::dlclose(object);
        if (loader != nullptr) return loader;
    }
}

void* find_loader() noexcept {
    void* loader = g_loader.load(std::memory_order_acquire);
    if (loader != nullptr) return loader;
    void* const found = search_loader();
    // Another thread may have found one meanwhile: the first one stays.
    if (!g_loader.compare_exchange_strong(loader, found, std::memory_order_acq_rel)) return loader;
    return found;
}

// The loader's function, or null. Relaxed: it is an address that every thread finds by itself.
void* find_function(std::size_t row) noexcept {
    void* function = g_functions[row].load(std::memory_order_relaxed);
    if (function != nullptr) return function;
    void* const loader = find_loader();
    if (loader == nullptr) return nullptr;
    function = ::dlsym(loader, kNames[row]);
    g_functions[row].store(function, std::memory_order_relaxed);
    return function;
}

// The layer, if the process has it already; else the one beside this library. Never closed.
void* open_layer() noexcept {
    void* const present = ::dlopen(kLayer, RTLD_NOW | RTLD_NOLOAD);
    if (present != nullptr) return present;
    Dl_info info{};
    char path[PATH_MAX];
    if (::dladdr(&g_loader, &info) == 0 || info.dli_fname == nullptr) return nullptr;
    const char* const slash = std::strrchr(info.dli_fname, '/');
    if (slash == nullptr) return nullptr;
    const int folder = static_cast<int>(slash - info.dli_fname);
    const int length = std::snprintf(path, sizeof path, "%.*s/%s", folder, info.dli_fname, kLayer);
    if (length < 0 || static_cast<std::size_t>(length) >= sizeof path) return nullptr;
    return ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

// The layer's functions; an entry that it leaves to the loader is null. g_nothing: all are left.
constinit cl_icd_dispatch g_nothing{};
constinit cl_icd_dispatch g_target{};
// Null before a thread has decided; then never changes. Release: who sees the table sees its
// entries.
constinit std::atomic<const cl_icd_dispatch*> g_layer{nullptr};
// The process that decides. A child that is forked meanwhile has another number, and decides anew.
constinit std::atomic<pid_t> g_starter{0};
// This thread decides: what the loader calls meanwhile, of its own functions too, is its own.
constinit thread_local bool t_starting = false;

// Called by one thread. A loader that knows layers initialises them before its first answer: then
// ours is at work already, or is not to be.
const cl_icd_dispatch* start_layer() noexcept {
    const auto get_platforms =
        reinterpret_cast<decltype(cl_icd_dispatch::clGetPlatformIDs)>(find_function(0));
    cl_uint platforms = 0;
    if (get_platforms != nullptr) get_platforms(0, nullptr, &platforms);
    void* const layer = open_layer();
    if (layer == nullptr) return &g_nothing;
    const auto active = reinterpret_cast<int (*)()>(::dlsym(layer, "headway_opencl_layer_active"));
    const auto init = reinterpret_cast<decltype(&clInitLayer)>(::dlsym(layer, "clInitLayer"));
    if (active == nullptr || init == nullptr || active() != 0) return &g_nothing;
    for (std::size_t row = 0; row < kRowCount; ++row) {
        void* const function = find_function(row);
        std::memcpy(reinterpret_cast<void**>(&g_target) + kEntries[row], &function, sizeof(void*));
    }
    const cl_icd_dispatch* table = nullptr;
    cl_uint entries = 0;
    const cl_int status = init(kEntryCount, &g_target, &entries, &table);
    const bool ready = status == CL_SUCCESS && table != nullptr && entries == kEntryCount;
    return ready ? table : &g_nothing;
}

// True for one thread of the process.
bool claim_start() noexcept {
    const pid_t own = ::getpid();
    pid_t starter = g_starter.load(std::memory_order_relaxed);
    return starter != own &&
           g_starter.compare_exchange_strong(starter, own, std::memory_order_relaxed);
}

// Null: not decided yet, this call is the loader's.
const cl_icd_dispatch* decided_layer() noexcept {
    const cl_icd_dispatch* layer = g_layer.load(std::memory_order_acquire);
    if (layer != nullptr || t_starting || find_loader() == nullptr) return layer;
    if (env_flag("HEADWAY_DISABLE")) return &g_nothing;
    if (claim_start()) {
        t_starting = true;
        layer = start_layer();
        t_starting = false;
        g_layer.store(layer, std::memory_order_release);
        return layer;
    }
    for (int i = 0; layer == nullptr && i < kStartWaitsMax; ++i) {
        ::nanosleep(&kStartWait, nullptr);
        layer = g_layer.load(std::memory_order_acquire);
    }
    return layer;
}

}  // namespace

// The slots of the forwarders, in forwarders_*.S.
extern "C" __attribute__((visibility("hidden"))) void* headway_shim_slots[kRowCount];

// Called by a forwarder whose slot still leads to its stub: chooses the target, and returns it.
extern "C" __attribute__((visibility("hidden"))) void* headway_shim_bind(
    std::uint32_t row) noexcept {
    const cl_icd_dispatch* const layer = decided_layer();
    void* target = nullptr;
    if (layer != nullptr) {
        std::memcpy(&target, reinterpret_cast<void* const*>(layer) + kEntries[row], sizeof target);
    }
    if (target == nullptr) target = find_function(row);
    if (target == nullptr) target = lacking(row);
    if (layer != nullptr) {
        // Release: whoever jumps there must see what the layer has written.
        std::atomic_ref<void*>(headway_shim_slots[row]).store(target, std::memory_order_release);
    }
    return target;
}

}  // namespace headway::opencl
