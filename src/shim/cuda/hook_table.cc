// Which hook stands in front of which row.
#include "shim/cuda/abi.h"
#include "shim/cuda/driver.h"
#include "shim/cuda/entries.h"
#include "shim/cuda/hooks_launch.h"
#include "shim/cuda/hooks_observe.h"

namespace headway::cuda {
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
#define CU(symbol, version, call_class, shape, ...) \
    &pointer_of<shape<Entry::symbol __VA_OPT__(, ) __VA_ARGS__>>,
#include "shim/cuda/driver_api.tbl"
#undef CU
};

}  // namespace

void* hook_of(Entry entry) noexcept {
    return kHooks[index_of(entry)]();
}

}  // namespace headway::cuda

// The mark by which one Headway library recognises another (driver_search.cc).
// NOLINTNEXTLINE(readability-identifier-naming): a name of the C ABI
extern "C" __attribute__((visibility("default"))) const int headway_cuda_shim = 1;
