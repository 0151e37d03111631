// Streams, events, memory operations and graphs of the stand-in that the shim forwards untouched.
#pragma once

#include "tests/shim/standin/plain_calls.h"

#include <atomic>

namespace headway::standin {

template <Entry kEntry, typename Value>
struct WriteValue {
    static Result call(void* handle, std::uint64_t address, Value value, unsigned) {
        return enter<kEntry>([&] {
            Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
            if (stream == nullptr) return kErrorInvalidHandle;
            if (is_stale(address)) return kErrorInvalidValue;
            stream->push({0, [address, value] {
                              std::atomic_ref<Value>(*reinterpret_cast<Value*>(address))
                                  .store(value, std::memory_order_release);
                          }});
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct IsCapturing {
    static Result call(void* handle, int* status) {
        return enter<kEntry>([&] {
            Stream* const stream = find_stream(number(handle), info(kEntry).per_thread);
            if (stream == nullptr) return kErrorInvalidHandle;
            if (stream == find_stream(0, false) && any_capture()) return kErrorCaptureImplicit;
            *status = stream->capture() ? 1 : 0;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct StreamPriority {
    static Result call(void* handle, int* priority) {
        return enter<kEntry>([&] {
            Stream* const stream = find_stream(number(handle), false);
            if (stream == nullptr) return kErrorInvalidHandle;
            *priority = stream->priority();
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct WaitEvent {
    static Result call(void* handle, void* event_handle, unsigned) {
        return enter<kEntry>([&] {
            Stream* const stream = find_stream(number(handle), false);
            const std::shared_ptr<Event> event = find_event(event_handle);
            if (stream == nullptr || event == nullptr) return kErrorInvalidHandle;
            const std::unique_lock lock(event->mutex);
            if (event->capture) {
                stream->set_capture(event->capture);  // the stream joins the capture
                return kSuccess;
            }
            stream->push({0, [event] {
                              std::unique_lock wait_lock(event->mutex);
                              event->changed.wait(wait_lock, [&] { return event->done; });
                          }});
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct EventCreate {
    static Result call(void** event, unsigned) {
        return enter<kEntry>([&] {
            *event = add_event();
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct ElapsedTime {
    static Result call(float* milliseconds, void* start, void* end) {
        return enter<kEntry>([&] {
            const std::shared_ptr<Event> first = find_event(start);
            const std::shared_ptr<Event> second = find_event(end);
            if (first == nullptr || second == nullptr) return kErrorInvalidHandle;
            *milliseconds = static_cast<float>(second->time_ns - first->time_ns) / 1e6F;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct Instantiate {
    static Result call(void** exec, void* graph_handle, void*) {
        return enter<kEntry>([&] {
            const std::shared_ptr<Graph> graph = find_graph(graph_handle);
            if (graph == nullptr) return kErrorInvalidHandle;
            *exec = add_graph(graph);
            return kSuccess;
        });
    }
};

}  // namespace headway::standin
