// What the stand-in does for the calls that the shim hooks, by the shapes of driver_api.tbl.
#pragma once

#include "tests/shim/standin/standin.h"

#include <cstring>
#include <tuple>
#include <type_traits>

namespace headway::standin {

using gpu::CallClass;
using gpu::info;
using gpu::kSuccess;

inline std::uintptr_t number(const void* handle) {
    return reinterpret_cast<std::uintptr_t>(handle);
}

// Copies between addresses given as numbers or pointers, and fills; anything with pitches or arrays
// is only logged.
template <typename Tuple>
void move_bytes(CallClass call_class, const Tuple& args) {
    if constexpr (std::tuple_size_v<Tuple> >= 3) {
        using First = std::tuple_element_t<0, Tuple>;
        using Second = std::tuple_element_t<1, Tuple>;
        using Third = std::tuple_element_t<2, Tuple>;
        if constexpr (std::is_same_v<Third, gpu::abi::Bytes>) {
            void* const start = reinterpret_cast<void*>(as_number(std::get<0>(args)));
            const std::uint64_t second = as_number(std::get<1>(args));
            const std::uint64_t bytes = as_number(std::get<2>(args));
            if (call_class == CallClass::kMemset) {
                std::memset(start, static_cast<int>(second), bytes);
            } else if (call_class == CallClass::kCopy) {
                std::memmove(start, reinterpret_cast<const void*>(second), bytes);
            }
        } else if constexpr (!std::is_class_v<First> && std::is_integral_v<Second> &&
                             sizeof(Second) <= 4 && std::is_same_v<Third, std::uint64_t>) {
            if (call_class != CallClass::kMemset) return;
            auto* const start = reinterpret_cast<Second*>(as_number(std::get<0>(args)));
            for (std::uint64_t i = 0; i < std::get<2>(args); ++i)
                start[i] = std::get<1>(args);
        }
    }
}

template <Entry kEntry, typename... Args>
struct Gated {
    static Result call(Args... args) {
        return enter<kEntry>([&] { return run(args...); }, args...);
    }

 private:
    static Result run(Args... args) {
        std::uintptr_t handle = 0;
        const void* launched = nullptr;
        bool asynchronous = false;
        const auto note = [&](auto arg) {
            if constexpr (std::is_same_v<decltype(arg), gpu::abi::Stream>) {
                handle = number(arg);
                asynchronous = true;
            } else if constexpr (std::is_same_v<decltype(arg), gpu::abi::Func>) {
                launched = arg;
                asynchronous = true;
            }
        };
        (note(args), ...);
        Stream* const stream = find_stream(handle, info(kEntry).per_thread);
        if (stream == nullptr) return kErrorInvalidHandle;
        if (in_host_function()) return kErrorNotPermitted;
        if (info(kEntry).call_class == CallClass::kGraphLaunch)
            return launch_graph(launched, *stream);
        if (info(kEntry).call_class == CallClass::kLaunch) return launch(launched, *stream);
        if (!asynchronous && any_capture()) return kErrorCaptureImplicit;
        const std::tuple<Args...> copy(args...);
        stream->push({0, [copy] { move_bytes(info(kEntry).call_class, copy); }});
        if (!asynchronous) stream->wait();
        return kSuccess;
    }

    static Result launch_graph(const void* handle, Stream& stream) {
        const std::shared_ptr<Graph> graph = find_graph(handle);
        if (graph == nullptr) return kErrorInvalidHandle;
        for (const Command& command : graph->commands)
            stream.push(command);
        return kSuccess;
    }

    static Result launch(const void* handle, Stream& stream) {
        const Function* const function = find_function(handle);
        if (function == nullptr) return kErrorInvalidHandle;
        stream.push({function->duration_us, {}, function->name});
        return kSuccess;
    }
};

// A launch on a stream that is named by handle, in the form that takes stream 0 as `per_thread`
// says.
inline Result launch_on(const void* function, const void* stream_handle, bool per_thread) {
    const Function* const found = find_function(function);
    Stream* const stream = find_stream(number(stream_handle), per_thread);
    if (found == nullptr || stream == nullptr) return kErrorInvalidHandle;
    if (in_host_function()) return kErrorNotPermitted;
    stream->push({found->duration_us, {}, found->name});
    return kSuccess;
}

template <Entry kEntry, typename... Args>
struct LaunchKernel {
    static Result call(Args... args) {
        return enter<kEntry>(
            [&] {
                const std::tuple<Args...> all(args...);
                return launch_on(std::get<0>(all), std::get<8>(all), info(kEntry).per_thread);
            },
            args...);
    }
};

template <typename Launch, Entry kEntry, typename Config, typename Func, typename... Tail>
struct LaunchEx {
    static Result call(Config config, Func function, Tail... tail) {
        return enter<kEntry>(
            [&] {
                if (config == nullptr) return kErrorInvalidValue;
                const auto* launch = static_cast<const Launch*>(config);
                return launch_on(function, launch->stream, info(kEntry).per_thread);
            },
            config,
            function,
            tail...);
    }
};

template <typename Launch, Entry kEntry, typename List, typename Count, typename Flags>
struct LaunchMulti {
    static Result call(List list, Count count, Flags flags) {
        return enter<kEntry>(
            [&] {
                const auto* launch = static_cast<const Launch*>(list);
                Result result = launch == nullptr ? kErrorInvalidValue : kSuccess;
                for (Count i = 0; i < count && result == kSuccess; ++i) {
                    result = launch_on(launch[i].function, launch[i].stream, false);
                }
                return result;
            },
            list,
            count,
            flags);
    }
};

template <Entry kEntry, typename... Context>
struct SyncContext {
    static Result call(Context... context) {
        return enter<kEntry>(
            [&] {
                wait_for_all_streams();
                return kSuccess;
            },
            context...);
    }
};

template <Entry kEntry, typename Handle>
struct SyncStream {
    static Result call(Handle handle) {
        return enter<kEntry>(
            [&] {
                Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
                if (stream == nullptr) return kErrorInvalidHandle;
                stream->wait();
                return kSuccess;
            },
            handle);
    }
};

template <Entry kEntry, typename Handle>
struct QueryStream {
    static Result call(Handle handle) {
        return enter<kEntry>(
            [&] {
                Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
                if (stream == nullptr) return kErrorInvalidHandle;
                return stream->idle() ? kSuccess : gpu::kErrorNotReady;
            },
            handle);
    }
};

// The function gets its data; of cuStreamAddCallback, which has flags, the stream and a status too.
template <Entry kEntry, typename Handle, typename Pointer, typename Data, typename... Flags>
struct HostFunction {
    static Result call(Handle handle, Pointer function, Data data, Flags... flags) {
        return enter<kEntry>(
            [&] {
                Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
                if (stream == nullptr || function == nullptr) return kErrorInvalidValue;
                push_host_function(*stream, [=] {
                    if constexpr (sizeof...(Flags) == 0) {
                        reinterpret_cast<void (*)(Data)>(function)(data);
                    } else {
                        reinterpret_cast<void (*)(Handle, Result, Data)>(function)(
                            handle, kSuccess, data);
                    }
                });
                return kSuccess;
            },
            handle,
            function,
            data,
            flags...);
    }
};

template <Entry kEntry, typename Handle>
struct SyncEvent {
    static Result call(Handle handle) {
        return enter<kEntry>(
            [&] {
                const std::shared_ptr<Event> event = find_event(handle);
                if (event == nullptr) return kErrorInvalidHandle;
                std::unique_lock lock(event->mutex);
                event->changed.wait(lock, [&] { return event->done; });
                return kSuccess;
            },
            handle);
    }
};

template <Entry kEntry, typename Handle>
struct QueryEvent {
    static Result call(Handle handle) {
        return enter<kEntry>(
            [&] {
                const std::shared_ptr<Event> event = find_event(handle);
                if (event == nullptr) return kErrorInvalidHandle;
                const std::lock_guard lock(event->mutex);
                return event->done ? kSuccess : gpu::kErrorNotReady;
            },
            handle);
    }
};

template <Entry kEntry, typename Handle, typename StreamHandle, typename... Flags>
struct EventRecord {
    static Result call(Handle handle, StreamHandle stream_handle, Flags... flags) {
        return enter<kEntry>(
            [&] {
                const std::shared_ptr<Event> event = find_event(handle);
                Stream* const stream = find_stream(number(stream_handle), info(kEntry).per_thread);
                if (event == nullptr || stream == nullptr) return kErrorInvalidHandle;
                record_event(event, *stream);
                return kSuccess;
            },
            handle,
            stream_handle,
            flags...);
    }
};

template <Entry kEntry, typename Handle>
struct EventDestroy {
    static Result call(Handle handle) {
        return enter<kEntry>([&] { return remove_event(handle) ? kSuccess : kErrorInvalidHandle; },
                             handle);
    }
};

// Streams, created with or without a priority: it is the last int.
template <Entry kEntry, typename... Args>
struct StreamCreate {
    static Result call(Args... args) {
        return enter<kEntry>(
            [&] {
                const std::tuple<Args...> all(args...);
                int priority = 0;
                using Last = std::tuple_element_t<sizeof...(Args) - 1, std::tuple<Args...>>;
                if constexpr (std::is_same_v<Last, int>) {
                    priority = std::get<sizeof...(Args) - 1>(all);
                }
                if (std::get<0>(all) == nullptr) return kErrorInvalidValue;
                *static_cast<std::uintptr_t*>(std::get<0>(all)) = add_stream(priority);
                return kSuccess;
            },
            args...);
    }
};

template <Entry kEntry, typename... Args>
using StreamCreatePriority = StreamCreate<kEntry, Args...>;
template <Entry kEntry, typename... Args>
using StreamCreateIn = StreamCreate<kEntry, Args...>;

template <Entry kEntry, typename Handle>
struct StreamDestroy {
    static Result call(Handle handle) {
        return enter<kEntry>(
            [&] { return remove_stream(number(handle)) ? kSuccess : kErrorInvalidHandle; }, handle);
    }
};

template <Entry kEntry, typename Handle, typename... Rest>
struct CaptureBegin {
    static Result call(Handle handle, Rest... rest) {
        return enter<kEntry>(
            [&] {
                Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
                if (stream == nullptr || stream == find_stream(0, false))
                    return kErrorInvalidHandle;
                if (stream->capture()) return kErrorInvalidValue;
                stream->set_capture(std::make_shared<Graph>());
                return kSuccess;
            },
            handle,
            rest...);
    }
};

template <Entry kEntry, typename Handle, typename... Out>
struct CaptureEnd {
    static Result call(Handle handle, Out... out) {
        return enter<kEntry>(
            [&] {
                Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
                if (stream == nullptr || !stream->capture()) return kErrorInvalidValue;
                const std::shared_ptr<Graph> graph = stream->capture();
                stream->set_capture(nullptr);
                ((*static_cast<void**>(out) = add_graph(graph)), ...);
                return kSuccess;
            },
            handle,
            out...);
    }
};

template <Entry kEntry, typename Handle>
struct ContextDestroy {
    static Result call(Handle handle) {
        return enter<kEntry>([] { return kSuccess; }, handle);
    }
};

template <Entry kEntry, typename Device>
struct PrimaryContextEnd {
    static Result call(Device device) {
        return enter<kEntry>([] { return kSuccess; }, device);
    }
};

template <Entry kEntry, typename Flags>
struct Init {
    static Result call(Flags flags) {
        return enter<kEntry>(
            [] {
                set_initialised();
                return kSuccess;
            },
            flags);
    }
};

}  // namespace headway::standin
