#include "shim/gpu/hooks_observe.h"

namespace headway::gpu {
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

}  // namespace headway::gpu
