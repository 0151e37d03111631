// The shapes of driver_api.tbl that only HIP has.
#pragma once

#include "shim/gpu/hooks_observe.h"

#include <tuple>

namespace headway::gpu {

// hipLaunchKernel and its kin: what `<<<>>>` becomes.
template <Entry kEntry, typename... Args>
struct LaunchDim3 {
    static Result call(Args... args) noexcept {
        if (try_pass(CallClass::kLaunch)) [[likely]]
            return call_driver<kEntry>(args...);
        return slow(args...);
    }

 private:
    [[gnu::noinline]] static Result slow(Args... args) noexcept {
        const std::tuple<Args...> all(args...);
        LaunchFacts facts = facts_of_entry<kEntry>();
        facts.function = reinterpret_cast<std::uintptr_t>(std::get<0>(all));
        const abi::Dim3& grid = std::get<1>(all);
        const abi::Dim3& block = std::get<2>(all);
        const std::uint32_t grid_shape[3] = {grid.x, grid.y, grid.z};
        const std::uint32_t block_shape[3] = {block.x, block.y, block.z};
        copy_shape(facts, grid_shape, block_shape);
        facts.shared_bytes = static_cast<std::uint32_t>(std::get<4>(all));
        facts.stream = stream_of<kEntry>(std::get<5>(all));
        return gate(facts, [&]() noexcept { return call_driver<kEntry>(args...); });
    }
};

// hipLaunchKernelExC and hipDrvLaunchKernelEx, whose configurations differ in one field.
template <Entry kEntry, typename... Args>
using LaunchExC = LaunchEx<LaunchConfig, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchDrvEx = LaunchEx<DriverLaunchConfig, kEntry, Args...>;

template <Entry kEntry, typename... Args>
using LaunchMultiDevice = LaunchMulti<LaunchParams, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchModuleMulti = LaunchMulti<FunctionLaunchParams, kEntry, Args...>;

// Streams that are created without a priority: with flags, or without those too.
template <Entry kEntry, typename Out, typename... Flags>
struct StreamCreate {
    static Result call(Out out_stream, Flags... given) noexcept {
        constexpr int kDefaultPriority = 0;
        std::uint32_t flags = kStreamDefault;
        ((flags = given), ...);
        const auto with_priority = [=](int priority) noexcept {
            return call_driver_if_there<Entry::hipStreamCreateWithPriority>(
                out_stream, flags, priority);
        };
        return create_stream(out_stream, flags, kDefaultPriority, with_priority, [=] {
            return call_driver<kEntry>(out_stream, given...);
        });
    }
};

template <Entry kEntry, typename... Args>
using StreamCreateFlags = StreamCreate<kEntry, Args...>;

// hipDeviceReset: of the current device, with all that was made there.
template <Entry kEntry>
struct DeviceReset {
    static Result call() noexcept {
        on_context_destroy(0);
        return call_driver<kEntry>();
    }
};

// Starting is implicit in HIP (see kStartsByItself), and whether it has happened tells nothing.
template <Entry kEntry, typename Flags>
struct Init {
    static Result call(Flags flags) noexcept {
        ++thread_state.depth;
        const Result result = call_driver<kEntry>(flags);
        --thread_state.depth;
        return result;
    }
};

template <Entry kEntry, typename... Args>
using GetProcAddress = GetProcAddress2<kEntry, Args...>;

// hipGetDriverEntryPoint: by name alone; its flags ask for per-thread forms as those of
// hipGetProcAddress do.
template <Entry kEntry, typename Name, typename Out, typename Flags, typename Status>
struct GetDriverEntryPoint {
    static Result call(Name name, Out out, Flags flags, Status status) noexcept {
        const Result result = call_driver<kEntry>(name, out, flags, status);
        constexpr int kAnyVersion = 0;
        exchange_pointer(result, name, out, kAnyVersion, flags, nullptr);
        return result;
    }
};

}  // namespace headway::gpu
