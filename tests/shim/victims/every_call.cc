// Calls every driver function that the shim hooks, once, and logs what it passed and got back.
//   every_call link|dlsym|proc     how it finds the functions
// Meant for a stand-in driver in its log mode: the arguments are numbers without meaning.
#include "api_under_test.h"
#include "driver_abi.h"
#include "shim/gpu/entries.h"
#include "tests/shim/standin/call_log.h"

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <tuple>

#define API(symbol, ...) extern "C" void symbol();
#include "driver_api.tbl"
#undef API

namespace headway::victim {

using namespace gpu::abi;
using gpu::Entry;
namespace api = shim_test::api;

enum class Route { kLink, kDlsym, kProc };

Route g_route;
const standin::CallLog* g_log;
void* g_library;
using GetProc = int (*)(const char*, void**, int, std::uint64_t, int*);
GetProc g_get_proc;

// What pointers point to: zeros, so that a hook may read a structure there.
alignas(64) char g_memory[32 * 256];

void* find(Entry entry, void* linked) {
    const gpu::EntryInfo& info = gpu::info(entry);
    if (g_route == Route::kLink) return linked;
    if (g_route == Route::kDlsym) return dlsym(g_library, info.symbol);
    void* found = nullptr;
    int status = -1;
    const std::string base(info.base());
    g_get_proc(base.c_str(), &found, info.version, info.per_thread ? 2 : 0, &status);
    return found;
}

// A value that tells which argument of which function it is.
template <typename Type>
Type value_for(Entry entry, std::size_t position) {
    const std::uint64_t mark = (gpu::index_of(entry) + 1) * 0x0101010101ULL + position * 0x11;
    if constexpr (std::is_pointer_v<Type>) {
        return reinterpret_cast<Type>(g_memory + 256 * position + 8 * (mark % 8));
    } else if constexpr (std::is_class_v<Type>) {
        Type value{};
        std::memset(&value, static_cast<int>(mark % 251), sizeof(Type));
        return value;
    } else {
        return static_cast<Type>(mark);
    }
}

template <Entry kEntry, typename... Args, std::size_t... kPositions>
void call_with(void* function, std::index_sequence<kPositions...>) {
    const std::tuple<Args...> args{value_for<Args>(kEntry, kPositions)...};
    using Function = int (*)(Args...);
    const int result = reinterpret_cast<Function>(function)(std::get<kPositions>(args)...);
    g_log->write_call(gpu::info(kEntry).symbol, result, std::get<kPositions>(args)...);
}

// The shapes of the table only say here whether a row is hooked and has types.
struct Hooked {};

struct NotHooked {};

using None = NotHooked;
using GetProcAddress = NotHooked;  // a look-up's arguments have to mean something
using GetProcAddress2 = NotHooked;
using Gated = Hooked;
using LaunchKernel = Hooked;
using LaunchKernelEx = Hooked;
using LaunchMultiDevice = Hooked;
using SyncContext = Hooked;
using SyncStream = Hooked;
using SyncEvent = Hooked;
using QueryStream = Hooked;
using QueryEvent = Hooked;
using HostFunction = Hooked;
using EventRecord = Hooked;
using EventDestroy = Hooked;
using StreamCreate = Hooked;
using StreamCreatePriority = Hooked;
using StreamCreateIn = Hooked;
using StreamDestroy = Hooked;
using CaptureBegin = Hooked;
using CaptureEnd = Hooked;
using ContextDestroy = Hooked;
using PrimaryContextEnd = Hooked;
using Init = Hooked;
// HIP's.
using LaunchDim3 = Hooked;
using LaunchExC = Hooked;
using LaunchDrvEx = Hooked;
using LaunchModuleMulti = Hooked;
using StreamCreateFlags = Hooked;
using DeviceReset = Hooked;
using GetDriverEntryPoint = NotHooked;

template <typename Shape, Entry kEntry, typename... Args>
void call(void* linked) {
    if constexpr (std::is_same_v<Shape, Hooked>) {
        void* const function = find(kEntry, linked);
        if (function == nullptr) {
            std::printf("%s was not found\n", gpu::info(kEntry).symbol);
            return;
        }
        call_with<kEntry, Args...>(function, std::index_sequence_for<Args...>{});
    }
}

void call_all() {
#define API(symbol, version, call_class, shape, ...) \
    call<shape, Entry::symbol __VA_OPT__(, ) __VA_ARGS__>(reinterpret_cast<void*>(&::symbol));
#include "driver_api.tbl"
#undef API
}

}  // namespace headway::victim

int main(int argc, char** argv) {
    using namespace headway::victim;
    if (argc != 2) return 2;
    g_route = std::strcmp(argv[1], "link") == 0    ? Route::kLink
              : std::strcmp(argv[1], "dlsym") == 0 ? Route::kDlsym
                                                   : Route::kProc;
    const headway::standin::CallLog log("APP_LOG");
    g_log = &log;
    g_library = dlopen(api::kLibrary, RTLD_NOW);
    if (g_library == nullptr) return 3;
    g_get_proc = reinterpret_cast<GetProc>(dlsym(g_library, api::kGetProcAddress));
    call_all();
    return 0;
}
