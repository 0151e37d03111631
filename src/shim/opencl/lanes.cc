#include "shim/opencl/lanes.h"

#include "base/say.h"
#include "board/board.h"
#include "capi/implementation.h"
#include "gate/process_lane.h"
#include "gate/thread_lane.h"
#include "shim/opencl/device_name.h"
#include "shim/opencl/dispatch.h"
#include "shim/opencl/opencl_device.h"
#include "shim/opencl/scheduler.h"

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace headway::opencl {

namespace {

// Devices that one process may use; work on further ones is bypassed.
constexpr int kDeviceCountMax = 64;

// What the process has on one of its devices. Made once, never destroyed: threads may launch, and
// the driver call back, until the very end of the process.
struct Place {
    cl_device_id id = nullptr;
    OpenClDevice device;
    char board_name[board::kDeviceNameBytes] = {};
    bool priority_hints = false;
    std::atomic<gate::SharedLane*> process_lane{nullptr};
};

constinit std::atomic<Place*> g_places[kDeviceCountMax] = {};
pthread_mutex_t g_open_mutex = PTHREAD_MUTEX_INITIALIZER;

// The whole device that a sub-device is a part of.
cl_device_id root_of(cl_device_id device) noexcept {
    cl_device_id parent = device;
    while (parent != nullptr) {
        device = parent;
        parent = nullptr;
        if (target()->clGetDeviceInfo(
                device, CL_DEVICE_PARENT_DEVICE, sizeof(cl_device_id), &parent, nullptr) !=
            CL_SUCCESS) {
            break;  // a device of OpenCL 1.1 has no parts
        }
    }
    return device;
}

bool is_cpu(cl_device_id device) noexcept {
    cl_device_type type = 0;
    return target()->clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof(type), &type, nullptr) ==
               CL_SUCCESS &&
           (type & CL_DEVICE_TYPE_CPU) != 0;
}

Place* known_place(cl_device_id root) noexcept {
    for (const auto& slot : g_places) {
        Place* const place = slot.load(std::memory_order_acquire);
        if (place == nullptr) return nullptr;
        if (place->id == root) return place;
    }
    return nullptr;
}

// The caller holds g_open_mutex.
Place* make_place(cl_device_id root) noexcept {
    auto* const free_slot = std::find_if(std::begin(g_places), std::end(g_places), [](auto& slot) {
        return slot.load(std::memory_order_relaxed) == nullptr;
    });
    void* const memory = free_slot == std::end(g_places) ? nullptr : std::malloc(sizeof(Place));
    if (memory == nullptr) return nullptr;
    Place* const place = ::new (memory) Place;
    place->id = root;
    place->priority_hints = has_extension(root, "cl_khr_priority_hints");
    if (is_cpu(root)) place->device.runs_on_cpu();
    if (!name_board(root, place->board_name)) {
        place->board_name[0] = '\0';
        say_once("running unscheduled: the OpenCL platform does not tell its device's name");
    }
    free_slot->store(place, std::memory_order_release);
    return place;
}

Place* place_of(cl_device_id device) noexcept {
    const cl_device_id root = root_of(device);
    Place* place = known_place(root);
    if (place != nullptr) return place;
    pthread_mutex_lock(&g_open_mutex);
    place = known_place(root);
    if (place == nullptr) place = make_place(root);
    pthread_mutex_unlock(&g_open_mutex);
    return place;
}

// Opens the process's own lane.
gate::SharedLane* open_process_lane(Place& place) noexcept {
    gate::SharedLane* const lane = gate::open_process_lane(place.device, place.board_name);
    if (lane != nullptr) on_first_lane();
    return lane;
}

gate::SharedLane* process_lane_of(Place& place) noexcept {
    gate::SharedLane* lane = place.process_lane.load(std::memory_order_acquire);
    if (lane != nullptr) return lane;
    pthread_mutex_lock(&g_open_mutex);
    lane = place.process_lane.load(std::memory_order_acquire);
    if (lane == nullptr) {
        lane = open_process_lane(place);
        place.process_lane.store(lane, std::memory_order_release);
    }
    pthread_mutex_unlock(&g_open_mutex);
    return lane;
}

// The devices of all platforms, in the order in which the loader gives them. A program may open a
// lane before its first OpenCL call: then this is that call, and the loader initialises the layer.
cl_device_id device_number(long number) noexcept {
    if (target() == nullptr) {
        void* const loader = ::dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
        void* const entry = loader != nullptr ? ::dlsym(loader, "clGetPlatformIDs") : nullptr;
        cl_uint count = 0;
        if (entry != nullptr)
            reinterpret_cast<decltype(&clGetPlatformIDs)>(entry)(0, nullptr, &count);
        if (target() == nullptr) return nullptr;
    }
    cl_platform_id platforms[kDeviceCountMax];
    cl_uint platform_count = 0;
    if (target()->clGetPlatformIDs(kDeviceCountMax, platforms, &platform_count) != CL_SUCCESS) {
        return nullptr;
    }
    for (cl_uint i = 0; i < std::min<cl_uint>(platform_count, kDeviceCountMax); ++i) {
        cl_device_id devices[kDeviceCountMax];
        cl_uint count = 0;
        if (target()->clGetDeviceIDs(
                platforms[i], CL_DEVICE_TYPE_ALL, kDeviceCountMax, devices, &count) != CL_SUCCESS) {
            continue;
        }
        count = std::min<cl_uint>(count, kDeviceCountMax);
        if (number < static_cast<long>(count)) return devices[number];
        number -= static_cast<long>(count);
    }
    return nullptr;
}

}  // namespace

gate::SharedLane* lane_on(cl_device_id device) noexcept {
    Place* const place = place_of(device);
    if (place == nullptr) return nullptr;
    gate::SharedLane* const entered = gate::ThreadLane::current().lane();
    if (entered != nullptr && &entered->lane().device() == &place->device) return entered;
    return process_lane_of(*place);
}

bool has_priority_hints(cl_device_id device) noexcept {
    Place* const place = place_of(device);
    return place != nullptr && place->priority_hints;
}

Status find_opencl_device(const char* name, device::Device** out_device, char* out_board) noexcept {
    char* end = nullptr;
    const bool named = std::strncmp(name, "opencl:", 7) == 0 && name[7] >= '0' && name[7] <= '9';
    const long number = named ? std::strtol(name + 7, &end, 10) : -1;
    if (!named || *end != '\0') {
        return Status::error(
            Code::kNotFound, "no device \"%.40s\"; the devices are opencl:N", name);
    }
    cl_device_id const id = device_number(number);
    if (id == nullptr) {
        return Status::error(Code::kNotFound, "no device \"%.40s\" in OpenCL's list", name);
    }
    Place* const place = place_of(id);
    if (place == nullptr || place->board_name[0] == '\0') {
        return Status::error(Code::kUnavailable, "device \"%.40s\" cannot be named", name);
    }
    *out_device = &place->device;
    std::snprintf(out_board, board::kDeviceNameBytes, "%s", place->board_name);
    return {};
}

void for_each_process_lane(void (*visit)(gate::SharedLane& lane)) noexcept {
    for (const auto& slot : g_places) {
        Place* const place = slot.load(std::memory_order_acquire);
        if (place == nullptr) return;
        gate::SharedLane* const lane = place->process_lane.load(std::memory_order_acquire);
        if (lane != nullptr) visit(*lane);
    }
}

}  // namespace headway::opencl

namespace headway::capi {

const char* device_kind() noexcept {
    return "opencl";
}

Status find_device(const char* name, device::Device** out_device, char* out_board) noexcept {
    return opencl::find_opencl_device(name, out_device, out_board);
}

}  // namespace headway::capi
