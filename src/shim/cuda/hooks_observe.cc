#include "shim/cuda/hooks_observe.h"

#include <atomic>

namespace headway::cuda {
namespace {

constinit std::atomic<bool> g_initialised{false};

}  // namespace

void report_init() noexcept {
    if (g_initialised.exchange(true, std::memory_order_relaxed)) return;
    watch_process();
    on_init();
}

void exchange_pointer(Result result,
                      abi::Ptr name,
                      abi::Ptr out,
                      int version,
                      std::uint64_t flags,
                      AskDriver ask) noexcept {
    auto* const function = static_cast<abi::Ptr*>(out);
    if (result != kSuccess || name == nullptr || function == nullptr || *function == nullptr)
        return;
    *function = substitute(static_cast<const char*>(name), version, flags, *function, ask);
}

}  // namespace headway::cuda
