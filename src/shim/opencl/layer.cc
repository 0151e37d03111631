// The layer's entry points, as the ICD loader calls them when OPENCL_LAYERS names this library.
#include "base/env.h"
#include "capi/implementation.h"
#include "shim/opencl/dispatch.h"
#include "shim/opencl/hooks.h"

#include <CL/cl_layer.h>

#include <dlfcn.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace headway::opencl {

namespace {

// clWaitForEvents and its like are entries as any other: the table is an array of pointers.
constexpr cl_uint kEntryCount = sizeof(cl_icd_dispatch) / sizeof(void*);

// Written once, before the loader hands out the first function; entries beyond the loader's stay
// null.
constinit cl_icd_dispatch g_target{};
constinit cl_icd_dispatch g_layer{};
constinit std::atomic<bool> g_initialised{false};
// Set by the first of those that initialise the layer: loaders, or the preloaded library.
constinit std::atomic<bool> g_taken{false};

// What the layer itself calls. Without markers nothing could be seen to end: a loader that lacks
// one of these (OpenCL 1.1) gets a layer that does nothing.
bool has_what_is_needed() noexcept {
    const cl_icd_dispatch& cl = g_target;
    return cl.clEnqueueMarkerWithWaitList != nullptr && cl.clSetEventCallback != nullptr &&
           cl.clRetainCommandQueue != nullptr && cl.clReleaseCommandQueue != nullptr &&
           cl.clGetEventInfo != nullptr && cl.clReleaseEvent != nullptr && cl.clFlush != nullptr &&
           cl.clGetDeviceInfo != nullptr && cl.clGetDeviceIDs != nullptr &&
           cl.clGetPlatformInfo != nullptr;
}

// The program may unload its loader while a marker is on its way, or load it again. From here on
// what lies below the layer stays, as the layer itself does.
void keep_target_loaded() noexcept {
    Dl_info info{};
    void* const code = reinterpret_cast<void*>(g_target.clReleaseEvent);
    if (code == nullptr || ::dladdr(code, &info) == 0 || info.dli_fname == nullptr) return;
    // Null: it lies in the program itself, which is not unloaded either.
    [[maybe_unused]] void* const kept =
        ::dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace

const cl_icd_dispatch* target() noexcept {
    return g_initialised.load(std::memory_order_acquire) ? &g_target : nullptr;
}

}  // namespace headway::opencl

namespace {

using headway::opencl::g_initialised;
using headway::opencl::g_layer;
using headway::opencl::g_taken;
using headway::opencl::g_target;
using headway::opencl::kEntryCount;

cl_int answer(const void* value, size_t size, size_t bytes, void* out, size_t* out_bytes) noexcept {
    if (out == nullptr && out_bytes == nullptr) return CL_INVALID_VALUE;
    if (out != nullptr) {
        if (bytes < size) return CL_INVALID_VALUE;
        std::memcpy(out, value, size);
    }
    if (out_bytes != nullptr) *out_bytes = size;
    return CL_SUCCESS;
}

}  // namespace

#define HEADWAY_EXPORTED __attribute__((visibility("default")))

extern "C" {

HEADWAY_EXPORTED cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name,
                                                   size_t bytes,
                                                   void* value,
                                                   size_t* bytes_returned) {
    static constexpr cl_layer_api_version kVersion = CL_LAYER_API_VERSION_100;
    static constexpr char kName[] = "headway";
    if (name == CL_LAYER_API_VERSION) {
        return answer(&kVersion, sizeof(kVersion), bytes, value, bytes_returned);
    }
    if (name == CL_LAYER_NAME) return answer(kName, sizeof(kName), bytes, value, bytes_returned);
    return CL_INVALID_VALUE;
}

HEADWAY_EXPORTED cl_int CL_API_CALL clInitLayer(cl_uint entry_count,
                                                const cl_icd_dispatch* target_dispatch,
                                                cl_uint* entry_count_returned,
                                                const cl_icd_dispatch** layer_dispatch) {
    if (target_dispatch == nullptr || entry_count_returned == nullptr ||
        layer_dispatch == nullptr) {
        return CL_INVALID_VALUE;
    }
    const cl_uint count = entry_count < kEntryCount ? entry_count : kEntryCount;
    *entry_count_returned = count;
    *layer_dispatch = &g_layer;
    // A second loader in the process, or a list that names the layer twice: that one is left alone.
    static constinit cl_icd_dispatch g_nothing{};
    if (g_taken.exchange(true, std::memory_order_acq_rel)) {
        *layer_dispatch = &g_nothing;
        return CL_SUCCESS;
    }
    std::memcpy(&g_target, target_dispatch, count * sizeof(void*));
    g_initialised.store(true, std::memory_order_release);
    if (!headway::env_flag("HEADWAY_DISABLE") && headway::opencl::has_what_is_needed()) {
        headway::opencl::keep_target_loaded();
        headway::opencl::hook_enqueues(&g_layer);
        headway::opencl::hook_observers(&g_layer);
    }
    return CL_SUCCESS;
}

// For the preloaded library, which asks for it by name: whether a loader has initialised the layer.
HEADWAY_EXPORTED int headway_opencl_layer_active() {
    return g_taken.load(std::memory_order_acquire) ? 1 : 0;
}

HEADWAY_EXPORTED const headway::capi::Api* headway_opencl_api() {
    return &headway::capi::local_api();
}

}  // extern "C"
