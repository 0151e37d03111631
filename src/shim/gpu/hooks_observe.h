// Hooks of calls that are never held: what they tell about the program's progress, streams and
// contexts.
#pragma once

#include "driver_abi.h"
#include "shim/gpu/capture.h"
#include "shim/gpu/driver.h"
#include "shim/gpu/entries.h"
#include "shim/gpu/guard.h"
#include "shim/gpu/hooks_launch.h"
#include "shim/gpu/look_up.h"
#include "shim/gpu/scheduler.h"

#include <cstddef>

namespace headway::gpu {

template <typename Handle>
inline std::uintptr_t number_of(Handle* handle) noexcept {
    return reinterpret_cast<std::uintptr_t>(handle);
}

// A call that waits for the device.
template <Entry kEntry, Scope kScope, typename... Args>
inline Result observe_wait(std::uintptr_t handle, Args... args) noexcept {
    if (scheduler_idle()) [[likely]]
        return call_driver<kEntry>(args...);
    Ticket ticket;
    on_sync_enter(kScope, handle, &ticket);
    const Result result = call_driver<kEntry>(args...);
    on_sync_exit(kScope, handle, &ticket, result);
    return result;
}

// A call that asks whether the device is done.
template <Entry kEntry, Scope kScope, typename Handle>
inline Result observe_query(std::uintptr_t number, Handle handle) noexcept {
    const Result result = call_driver<kEntry>(handle);
    if (!scheduler_idle()) on_query(kScope, number, result);
    return result;
}

// cuCtxSynchronize: of the current context, or since CUDA 13 of the one named.
template <Entry kEntry, typename... Context>
struct SyncContext {
    static Result call(Context... context) noexcept {
        std::uintptr_t handle = 0;
        ((handle = number_of(context)), ...);
        return observe_wait<kEntry, Scope::kContext>(handle, context...);
    }
};

template <Entry kEntry, typename Stream>
struct SyncStream {
    static Result call(Stream stream) noexcept {
        return observe_wait<kEntry, Scope::kStream>(stream_of<kEntry>(stream), stream);
    }
};

template <Entry kEntry, typename Event>
struct SyncEvent {
    static Result call(Event event) noexcept {
        return observe_wait<kEntry, Scope::kEvent>(number_of(event), event);
    }
};

template <Entry kEntry, typename Stream>
struct QueryStream {
    static Result call(Stream stream) noexcept {
        return observe_query<kEntry, Scope::kStream>(stream_of<kEntry>(stream), stream);
    }
};

template <Entry kEntry, typename Event>
struct QueryEvent {
    static Result call(Event event) noexcept {
        return observe_query<kEntry, Scope::kEvent>(number_of(event), event);
    }
};

// A function of the program's that the driver calls when the stream gets there. The call is as the
// program made it.
template <Entry kEntry, typename Stream, typename... Rest>
struct HostFunction {
    static Result call(Stream stream, Rest... rest) noexcept {
        Bypass reason{};
        const std::uintptr_t number = stream_of<kEntry>(stream);
        if (!scheduler_idle() && may_hold(number, &reason)) on_host_function(number);
        return call_driver<kEntry>(stream, rest...);
    }
};

template <Entry kEntry, typename Event, typename Stream, typename... Flags>
struct EventRecord {
    static Result call(Event event, Stream stream, Flags... flags) noexcept {
        const Result result = call_driver<kEntry>(event, stream, flags...);
        if (!scheduler_idle()) {
            on_event_record(number_of(event), stream_of<kEntry>(stream), result);
        }
        return result;
    }
};

template <Entry kEntry, typename Event>
struct EventDestroy {
    static Result call(Event event) noexcept {
        if (!scheduler_idle()) on_event_destroy(number_of(event));
        return call_driver<kEntry>(event);
    }
};

// Creates a stream: with the priority that the calling thread's lane wants, where that is another
// than `asked`; else, and where the driver refuses it, as the program asked. The two callables are
// the driver's calls.
template <typename WithPriority, typename AsAsked>
inline Result create_stream(abi::Ptr out_stream,
                            std::uint32_t flags,
                            int asked,
                            const WithPriority& with_priority,
                            const AsAsked& as_asked) noexcept {
    int priority = asked;
    Result result = kErrorNotSupported;
    if (adjust_stream_priority(flags, &priority)) result = with_priority(priority);
    // The driver's answer to the program's own call is what counts.
    if (result != kSuccess) result = as_asked();
    const auto* const stream = static_cast<const abi::Ptr*>(out_stream);
    if (result == kSuccess && stream != nullptr) on_stream_create(number_of(*stream));
    return result;
}

template <Entry kEntry, typename Out, typename Flags, typename Priority>
struct StreamCreatePriority {
    static Result call(Out out_stream, Flags flags, Priority asked) noexcept {
        const auto create = [=](Priority priority) noexcept {
            return call_driver<kEntry>(out_stream, flags, priority);
        };
        return create_stream(out_stream, flags, asked, create, [&] { return create(asked); });
    }
};

// A stream of a part of the device: CUDA's green contexts, HIP's execution contexts.
template <Entry kEntry, typename Out, typename Context, typename Flags, typename Priority>
struct StreamCreateIn {
    static Result call(Out out_stream, Context context, Flags flags, Priority asked) noexcept {
        const auto create = [=](Priority priority) noexcept {
            return call_driver<kEntry>(out_stream, context, flags, priority);
        };
        return create_stream(out_stream, flags, asked, create, [&] { return create(asked); });
    }
};

template <Entry kEntry, typename Stream>
struct StreamDestroy {
    static Result call(Stream stream) noexcept {
        on_stream_destroy(number_of(stream));
        note_capture_gone(number_of(stream));
        return call_driver<kEntry>(stream);
    }
};

template <Entry kEntry, typename Stream, typename... Rest>
struct CaptureBegin {
    static Result call(Stream stream, Rest... rest) noexcept {
        before_capture(stream_of<kEntry>(stream));
        const Result result = call_driver<kEntry>(stream, rest...);
        if (result == kSuccess) {
            const std::uintptr_t number = stream_of<kEntry>(stream);
            note_capture_begin(number);
            on_capture(number, true);
        }
        return result;
    }
};

template <Entry kEntry, typename Stream, typename... Rest>
struct CaptureEnd {
    static Result call(Stream stream, Rest... rest) noexcept {
        const Result result = call_driver<kEntry>(stream, rest...);
        const std::uintptr_t number = stream_of<kEntry>(stream);
        note_capture_end(number);
        on_capture(number, false);
        return result;
    }
};

template <Entry kEntry, typename Context>
struct ContextDestroy {
    static Result call(Context context) noexcept {
        on_context_destroy(number_of(context));
        return call_driver<kEntry>(context);
    }
};

template <Entry kEntry, typename Device>
struct PrimaryContextEnd {
    static Result call(Device device) noexcept {
        on_primary_context_end(device);
        return call_driver<kEntry>(device);
    }
};

// Replaces the driver's pointer in *out by the one that the program is to have. Does nothing for a
// look-up that failed or that found nothing.
void exchange_pointer(Result result,
                      abi::Ptr name,
                      abi::Ptr out,
                      int version,
                      std::uint64_t flags,
                      AskDriver ask) noexcept;

template <Entry kEntry,
          typename Name,
          typename Out,
          typename Version,
          typename Flags,
          typename Status>
struct GetProcAddress2 {
    static Result call(Name name, Out out, Version version, Flags flags, Status status) noexcept {
        const Result result = call_driver<kEntry>(name, out, version, flags, status);
        exchange_pointer(
            result, name, out, version, flags, [](const char* n, int v, std::uint64_t f) noexcept {
                void* found = nullptr;
                int found_status = 0;
                return call_driver<kEntry>(
                           Name{const_cast<char*>(n)}, Out{&found}, v, f, Status{&found_status}) ==
                               kSuccess
                           ? found
                           : nullptr;
            });
        return result;
    }
};

}  // namespace headway::gpu
