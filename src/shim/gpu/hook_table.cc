// Which hook stands in front of which row.
#include "driver_abi.h"
#include "driver_shapes.h"
#include "shim/gpu/driver.h"
#include "shim/gpu/entries.h"
#include "shim/gpu/hooks_launch.h"
#include "shim/gpu/hooks_observe.h"

namespace headway::gpu {
namespace {

template <Entry kEntry>
struct None {};

template <typename Hook>
void* pointer_of() noexcept {
    if constexpr (requires { &Hook::call; }) {
        return reinterpret_cast<void*>(&Hook::call);
    } else {
        return nullptr;
    }
}

using namespace abi;  // the table's type words

// Functions, because a converted address is no constant expression; the compiler folds them.
using HookPointer = void* (*)();
constexpr HookPointer kHooks[] = {
#define API(symbol, version, call_class, shape, ...) \
    &pointer_of<shape<Entry::symbol __VA_OPT__(, ) __VA_ARGS__>>,
#include "driver_api.tbl"
#undef API
};

}  // namespace

void* hook_of(Entry entry) noexcept {
    return kHooks[index_of(entry)]();
}

}  // namespace headway::gpu
