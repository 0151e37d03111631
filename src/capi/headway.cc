// The exported names of the C API. Each call goes to the shim that it is about: the one that knows
// the device, or that opened the lane; and to this library's own implementation where none is
// loaded.
#include "headway/headway.h"

#include "base/status.h"
#include "base/version.h"
#include "capi/implementation.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>

namespace {

using headway::capi::Api;

class Apis {
 public:
    Apis() noexcept {
        for (const char* name : headway::capi::kApiGetterNames) {
            void* const symbol = dlsym(RTLD_DEFAULT, name);
            if (symbol == nullptr) continue;
            const Api* const shim = reinterpret_cast<headway::capi::ApiGetter>(symbol)();
            if (shim != nullptr && shim->version == headway::capi::kApiVersion)
                list_[count_++] = shim;
        }
        if (count_ == 0) list_[count_++] = &headway::capi::local_api();
    }

    // The lanes of the CPU are here.
    const Api& first() const noexcept { return *list_[0]; }

    const Api& of_device(const char* name) const noexcept {
        for (std::size_t i = 0; i < count_ && name != nullptr; ++i) {
            const char* const kind = list_[i]->device_kind();
            const std::size_t bytes = std::strlen(kind);
            if (bytes != 0 && std::strncmp(name, kind, bytes) == 0 && name[bytes] == ':') {
                return *list_[i];
            }
        }
        return first();
    }

    // The first for no lane, and for one that is none.
    const Api& of_lane(const headway_lane_t* lane) const noexcept {
        for (std::size_t i = 1; i < count_; ++i) {
            if (list_[i]->owns(lane)) return *list_[i];
        }
        return first();
    }

 private:
    std::array<const Api*, std::size(headway::capi::kApiGetterNames)> list_{};
    std::size_t count_ = 0;
};

const Apis& apis() noexcept {
    static const Apis all;
    return all;
}

// Whose call of this thread may have failed last.
thread_local const Api* last_api = nullptr;

const Api& remember(const Api& api) noexcept {
    last_api = &api;
    return api;
}

const Api& of_lane(const headway_lane_t* lane) noexcept {
    return remember(apis().of_lane(lane));
}

}  // namespace

const char* headway::capi::device_kind() noexcept {
    return "";
}

headway::Status headway::capi::find_device(const char* name, device::Device**, char*) noexcept {
    const bool cuda = std::strncmp(name, "cuda", 4) == 0;
    const bool hip = std::strncmp(name, "hip", 3) == 0;
    return Status::error(Code::kNotFound,
                         "no device \"%.40s\"; %s",
                         name,
                         cuda  ? "the CUDA shim is not loaded (LD_PRELOAD=libheadway_cuda.so)"
                         : hip ? "the HIP shim is not loaded (LD_PRELOAD=libheadway_hip.so)"
                               : "the devices are cpu, cuda:N and hip:N");
}

const char* headway_version(void) noexcept {
    return headway::kVersion;
}

const char* headway_status_string(headway_status_t status) noexcept {
    switch (status) {
        case HEADWAY_OK:
            return "ok";
        case HEADWAY_INVALID_ARGUMENT:
            return "invalid argument";
        case HEADWAY_NOT_FOUND:
            return "not found";
        case HEADWAY_UNAVAILABLE:
            return "unavailable";
        case HEADWAY_BOARD_FULL:
            return "board full";
        case HEADWAY_NOT_ENTERED:
            return "not entered";
    }
    return "unknown status";
}

const char* headway_last_error(void) noexcept {
    return (last_api != nullptr ? *last_api : apis().first()).last_error();
}

void headway_lane_options_init(headway_lane_options_t* options) noexcept {
    apis().first().lane_options_init(options);
}

headway_status_t headway_lane_open(const headway_lane_options_t* options,
                                   headway_lane_t** out_lane) noexcept {
    // A size that covers it says that there is such a field; the shim checks the rest.
    constexpr std::size_t kEnd = offsetof(headway_lane_options_t, device) + sizeof(const char*);
    const bool named = options != nullptr && options->struct_size >= kEnd;
    return remember(apis().of_device(named ? options->device : nullptr))
        .lane_open(options, out_lane);
}

void headway_lane_close(headway_lane_t* lane) noexcept {
    of_lane(lane).lane_close(lane);
}

headway_status_t headway_lane_enter(headway_lane_t* lane) noexcept {
    return of_lane(lane).lane_enter(lane);
}

headway_status_t headway_lane_leave(headway_lane_t* lane) noexcept {
    return of_lane(lane).lane_leave(lane);
}

headway_status_t headway_lane_set_priority(headway_lane_t* lane, int32_t priority) noexcept {
    return of_lane(lane).lane_set_priority(lane, priority);
}

headway_status_t headway_lane_idle(headway_lane_t* lane) noexcept {
    return of_lane(lane).lane_idle(lane);
}

headway_status_t headway_lane_counters(const headway_lane_t* lane,
                                       headway_counters_t* out_counters) noexcept {
    return of_lane(lane).lane_counters(lane, out_counters);
}

void headway_begin(void) noexcept {
    apis().first().begin();
}

void headway_end(void) noexcept {
    apis().first().end();
}
