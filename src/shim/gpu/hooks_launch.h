// Hooks of the calls that are gated: launches, graph launches, copies, memsets and prefetches.
// Each shape is a template over the table's row, so that one body serves all of a function's forms.
#pragma once

#include "driver_abi.h"
#include "shim/gpu/driver.h"
#include "shim/gpu/entries.h"
#include "shim/gpu/guard.h"
#include "shim/gpu/scheduler.h"

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace headway::gpu {

// A stream argument as LaunchFacts has it.
template <Entry kEntry>
inline std::uintptr_t stream_of(abi::Stream stream) noexcept {
    const auto handle = reinterpret_cast<std::uintptr_t>(stream);
    if (handle == 0) return info(kEntry).per_thread ? kPerThreadStream : 0;
    return handle == kLegacyStream ? 0 : handle;
}

// The facts that every gated call has.
template <Entry kEntry>
inline LaunchFacts facts_of_entry() noexcept {
    LaunchFacts facts{};
    facts.entry = kEntry;
    facts.call_class = info(kEntry).call_class;
    facts.stream = info(kEntry).per_thread ? kPerThreadStream : 0;
    return facts;
}

inline void copy_shape(LaunchFacts& facts,
                       const std::uint32_t* grid,
                       const std::uint32_t* block) noexcept {
    for (int i = 0; i < 3; ++i) {
        facts.grid[i] = grid[i];
        facts.block[i] = block[i];
    }
}

// The slow path of every gated call: asks, calls the driver, reports. `call` is the driver's call.
template <typename Call>
inline Result gate(const LaunchFacts& facts, const Call& call) noexcept {
    if (scheduler_idle()) {
        flush_passed(facts.call_class);
        return call();
    }
    Bypass reason{};
    if (!may_hold(facts.stream, &reason)) {
        note_bypassed(facts.call_class, reason);
        return call();
    }
    Ticket ticket;
    ++thread_state.depth;
    before_launch(facts, &ticket);
    const Result result = call();
    after_launch(facts, &ticket, result);
    --thread_state.depth;
    return result;
}

// Any gated call whose arguments say by their types what there is to know.
template <Entry kEntry, typename... Args>
struct Gated {
    static Result call(Args... args) noexcept {
        if (try_pass(info(kEntry).call_class)) [[likely]]
            return call_driver<kEntry>(args...);
        return slow(args...);
    }

 private:
    template <typename Type>
    static constexpr bool kHas = (std::is_same_v<Type, Args> || ...);

    [[gnu::noinline]] static Result slow(Args... args) noexcept {
        LaunchFacts facts = facts_of_entry<kEntry>();
        // Copies and memsets without a stream argument return when the work is done; legacy
        // launches don't.
        facts.blocking = !kHas<abi::Stream> && facts.call_class != CallClass::kLaunch;
        (note(facts, args), ...);
        return gate(facts, [&]() noexcept { return call_driver<kEntry>(args...); });
    }

    static void note(LaunchFacts& facts, abi::Stream stream) noexcept {
        facts.stream = stream_of<kEntry>(stream);
    }

    static void note(LaunchFacts& facts, abi::Func function) noexcept {
        facts.function = reinterpret_cast<std::uintptr_t>(function);
    }

    // The byte counts (abi::Bytes) are the enumerations among the table's type words.
    template <typename Other>
    static void note(LaunchFacts& facts, Other other) noexcept {
        if constexpr (std::is_enum_v<Other>) facts.bytes = static_cast<std::uint64_t>(other);
    }
};

// cuLaunchKernel, hipModuleLaunchKernel and their kin. The hottest hook: its fast path only jumps
// on.
template <Entry kEntry, typename... Args>
struct LaunchKernel {
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
        const std::uint32_t grid[3] = {std::get<1>(all), std::get<2>(all), std::get<3>(all)};
        const std::uint32_t block[3] = {std::get<4>(all), std::get<5>(all), std::get<6>(all)};
        copy_shape(facts, grid, block);
        facts.shared_bytes = static_cast<std::uint32_t>(std::get<7>(all));
        facts.stream = stream_of<kEntry>(std::get<8>(all));
        return gate(facts, [&]() noexcept { return call_driver<kEntry>(args...); });
    }
};

// cuLaunchKernelEx and its kin: the facts stand in a structure of the program, a Launch.
template <typename Launch, Entry kEntry, typename Config, typename Func, typename... Tail>
struct LaunchEx {
    static Result call(Config config, Func function, Tail... tail) noexcept {
        if (try_pass(CallClass::kLaunch)) [[likely]] {
            return call_driver<kEntry>(config, function, tail...);
        }
        return slow(config, function, tail...);
    }

 private:
    [[gnu::noinline]] static Result slow(Config config, Func function, Tail... tail) noexcept {
        LaunchFacts facts = facts_of_entry<kEntry>();
        facts.function = reinterpret_cast<std::uintptr_t>(function);
        // A null config is the driver's to refuse.
        if (const auto* launch = static_cast<const Launch*>(config); launch != nullptr) {
            facts.stream = stream_of<kEntry>(launch->stream);
            facts.shared_bytes = static_cast<std::uint32_t>(launch->shared_bytes);
            copy_shape(facts, launch->grid, launch->block);
        }
        return gate(facts,
                    [&]() noexcept { return call_driver<kEntry>(config, function, tail...); });
    }
};

// One kernel on several devices, a Launch each; judged by the first of them.
template <typename Launch, Entry kEntry, typename List, typename Count, typename Flags>
struct LaunchMulti {
    static Result call(List list, Count count, Flags flags) noexcept {
        const auto driver = [&]() noexcept { return call_driver<kEntry>(list, count, flags); };
        if (try_pass(CallClass::kLaunch)) [[likely]]
            return driver();
        LaunchFacts facts = facts_of_entry<kEntry>();
        if (const auto* launch = static_cast<const Launch*>(list);
            launch != nullptr && count != 0) {
            facts.function = reinterpret_cast<std::uintptr_t>(launch->function);
            facts.stream = stream_of<kEntry>(launch->stream);
            facts.shared_bytes = static_cast<std::uint32_t>(launch->shared_bytes);
            copy_shape(facts, launch->grid, launch->block);
        }
        return gate(facts, driver);
    }
};

}  // namespace headway::gpu
