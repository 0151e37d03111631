// The C API without its exported names, so that it can live in libheadway and in every shim. Where
// shims are loaded, libheadway hands each call over to the one that it is about, and so a lane that
// a thread enters is the one that the shim's hooks look up.
#pragma once

#include "base/status.h"
#include "device/device.h"
#include "headway/headway.h"

#include <cstdint>

namespace headway::capi {

// +1 when the struct below changes: a shim and a libheadway of different versions leave each other
// alone.
inline constexpr std::uint32_t kApiVersion = 2;

// The functions of headway.h, as it documents them.
struct Api {
    std::uint32_t version;
    const char* (*device_kind)() noexcept;  // "cuda", as in "cuda:0"; empty: none but the CPU
    bool (*owns)(const headway_lane_t*) noexcept;  // the lane was opened here and is not closed
    const char* (*last_error)() noexcept;
    void (*lane_options_init)(headway_lane_options_t*) noexcept;
    headway_status_t (*lane_open)(const headway_lane_options_t*, headway_lane_t**) noexcept;
    void (*lane_close)(headway_lane_t*) noexcept;
    headway_status_t (*lane_enter)(headway_lane_t*) noexcept;
    headway_status_t (*lane_leave)(headway_lane_t*) noexcept;
    headway_status_t (*lane_set_priority)(headway_lane_t*, int32_t) noexcept;
    headway_status_t (*lane_idle)(headway_lane_t*) noexcept;
    headway_status_t (*lane_counters)(const headway_lane_t*, headway_counters_t*) noexcept;
    void (*begin)() noexcept;
    void (*end)() noexcept;
};

// The functions of the library that this is linked into.
const Api& local_api() noexcept;

// Each shim exports one of these; libheadway looks for them once.
using ApiGetter = const Api* (*)();
inline constexpr const char* kApiGetterNames[] = {
    "headway_cuda_api", "headway_hip_api", "headway_opencl_api"};

// Each library says which devices it knows besides "cpu": their kind, and find_device(), which
// writes the device, which lives as long as the process, and the name of its board
// (board::kDeviceNameBytes long). Thread-safe. Errors: kNotFound, kUnavailable.
const char* device_kind() noexcept;
Status find_device(const char* name, device::Device** out_device, char* out_board) noexcept;

}  // namespace headway::capi
