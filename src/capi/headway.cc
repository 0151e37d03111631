// The exported names of the C API. They go to this library's own implementation, or to that of a
// shim which is loaded into the process.
#include "headway/headway.h"

#include "base/status.h"
#include "base/version.h"
#include "capi/implementation.h"

#include <dlfcn.h>

#include <cstring>

namespace {

using headway::capi::Api;

const Api& choose_api() noexcept {
    void* const symbol = dlsym(RTLD_DEFAULT, headway::capi::kApiGetterName);
    if (symbol != nullptr) {
        const Api* shim = reinterpret_cast<headway::capi::ApiGetter>(symbol)();
        if (shim != nullptr && shim->version == headway::capi::kApiVersion) return *shim;
    }
    return headway::capi::local_api();
}

const Api& api() noexcept {
    static const Api& chosen = choose_api();
    return chosen;
}

}  // namespace

headway::Status headway::capi::find_device(const char* name, device::Device**, char*) noexcept {
    const bool cuda = std::strncmp(name, "cuda", 4) == 0;
    return Status::error(Code::kNotFound,
                         "no device \"%.40s\"; %s",
                         name,
                         cuda ? "the CUDA shim is not loaded (LD_PRELOAD=libheadway_cuda.so)"
                              : "the devices are cpu and cuda:N");
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
    return api().last_error();
}

void headway_lane_options_init(headway_lane_options_t* options) noexcept {
    api().lane_options_init(options);
}

headway_status_t headway_lane_open(const headway_lane_options_t* options,
                                   headway_lane_t** out_lane) noexcept {
    return api().lane_open(options, out_lane);
}

void headway_lane_close(headway_lane_t* lane) noexcept {
    api().lane_close(lane);
}

headway_status_t headway_lane_enter(headway_lane_t* lane) noexcept {
    return api().lane_enter(lane);
}

headway_status_t headway_lane_leave(headway_lane_t* lane) noexcept {
    return api().lane_leave(lane);
}

headway_status_t headway_lane_set_priority(headway_lane_t* lane, int32_t priority) noexcept {
    return api().lane_set_priority(lane, priority);
}

headway_status_t headway_lane_idle(headway_lane_t* lane) noexcept {
    return api().lane_idle(lane);
}

headway_status_t headway_lane_counters(const headway_lane_t* lane,
                                       headway_counters_t* out_counters) noexcept {
    return api().lane_counters(lane, out_counters);
}

void headway_begin(void) noexcept {
    api().begin();
}

void headway_end(void) noexcept {
    api().end();
}
