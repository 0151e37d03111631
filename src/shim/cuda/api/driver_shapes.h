// The shapes of driver_api.tbl that only CUDA has, or has in a form of its own.
#pragma once

#include "shim/gpu/hooks_observe.h"

namespace headway::gpu {

template <Entry kEntry, typename... Args>
using LaunchKernelEx = LaunchEx<LaunchConfig, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchMultiDevice = LaunchMulti<LaunchParams, kEntry, Args...>;

template <Entry kEntry, typename Out, typename Flags>
struct StreamCreate {
    static Result call(Out out_stream, Flags flags) noexcept {
        constexpr int kDefaultPriority = 0;
        const auto with_priority = [=](int priority) noexcept {
            return call_driver_if_there<Entry::cuStreamCreateWithPriority>(
                out_stream, flags, priority);
        };
        return create_stream(out_stream, flags, kDefaultPriority, with_priority, [=] {
            return call_driver<kEntry>(out_stream, flags);
        });
    }
};

template <Entry kEntry, typename Flags>
struct Init {
    static Result call(Flags flags) noexcept {
        ++thread_state.depth;
        const Result result = call_driver<kEntry>(flags);
        --thread_state.depth;
        if (result == kSuccess) report_start();
        return result;
    }
};

// cuGetProcAddress before CUDA 12, without a place for the status.
template <Entry kEntry, typename Name, typename Out, typename Version, typename Flags>
struct GetProcAddress {
    static Result call(Name name, Out out, Version version, Flags flags) noexcept {
        const Result result = call_driver<kEntry>(name, out, version, flags);
        exchange_pointer(
            result, name, out, version, flags, [](const char* n, int v, std::uint64_t f) noexcept {
                void* found = nullptr;
                return call_driver<kEntry>(Name{const_cast<char*>(n)}, Out{&found}, v, f) ==
                               kSuccess
                           ? found
                           : nullptr;
            });
        return result;
    }
};

}  // namespace headway::gpu
