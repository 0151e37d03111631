#include "shim/gpu/lanes.h"

#include "base/say.h"
#include "board/board.h"
#include "gate/process_lane.h"
#include "gate/thread_lane.h"
#include "shim/gpu/driver_calls.h"

#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace headway::gpu {

namespace {

// Devices that one process may use; calls on further ones are bypassed.
constexpr int kDeviceCountMax = 64;

// What the process has on one of its GPUs. Made once, never destroyed: threads may launch until the
// very end of the process.
struct Gpu {
    explicit Gpu(int ordinal) noexcept : device(ordinal) {}

    GpuDevice device;
    board::Board board;  // kept mapped for Watch::word
    char board_name[board::kDeviceNameBytes] = {};
    gate::SharedLane* process_lane = nullptr;  // null: refused
};

constinit std::atomic<Gpu*> g_gpus[kDeviceCountMax] = {};
constinit std::atomic<int> g_gpu_count{0};
// The only GPU that the process sees, once it is known: then no launch need ask which is current.
constinit std::atomic<Gpu*> g_sole_gpu{nullptr};
constinit std::atomic<bool> g_forgotten{false};
pthread_mutex_t g_open_mutex = PTHREAD_MUTEX_INITIALIZER;

// The caller holds g_open_mutex.
Gpu* make_gpu(int ordinal) noexcept {
    void* const memory = std::malloc(sizeof(Gpu));
    if (memory == nullptr) return nullptr;
    Gpu* gpu = ::new (memory) Gpu(ordinal);
    gpu->device.set_name(gpu->board_name);
    if (!name_board(ordinal, gpu->board_name)) {
        say_once("running unscheduled: the driver does not tell the UUID of device %d", ordinal);
    } else if (headway::Result<board::Board> board = board::Board::open(gpu->board_name);
               board.ok()) {
        gpu->board = static_cast<board::Board&&>(board.value());
    }
    return gpu;
}

Gpu* find_gpu(int ordinal) noexcept {
    if (ordinal < 0 || ordinal >= kDeviceCountMax) return nullptr;
    std::atomic<Gpu*>& place = g_gpus[ordinal];
    Gpu* gpu = place.load(std::memory_order_acquire);
    if (gpu != nullptr) return gpu;
    pthread_mutex_lock(&g_open_mutex);
    gpu = place.load(std::memory_order_acquire);
    if (gpu == nullptr) {
        gpu = make_gpu(ordinal);
        if (gpu != nullptr) g_gpu_count.fetch_add(1, std::memory_order_relaxed);
        place.store(gpu, std::memory_order_release);
        int visible = 0;
        if (device_count(&visible) && visible == 1) {
            g_sole_gpu.store(gpu, std::memory_order_release);
        }
    }
    pthread_mutex_unlock(&g_open_mutex);
    return gpu;
}

gate::SharedLane* process_lane_of(Gpu& gpu) noexcept {
    std::atomic_ref<gate::SharedLane*> place(gpu.process_lane);
    gate::SharedLane* lane = place.load(std::memory_order_acquire);
    if (lane != nullptr) return lane;
    pthread_mutex_lock(&g_open_mutex);
    lane = place.load(std::memory_order_acquire);
    if (lane == nullptr) {
        lane = gate::open_process_lane(gpu.device, gpu.board_name);
        place.store(lane, std::memory_order_release);
    }
    pthread_mutex_unlock(&g_open_mutex);
    return lane;
}

Gpu* current_gpu() noexcept {
    if (Gpu* const sole = g_sole_gpu.load(std::memory_order_acquire); sole != nullptr) return sole;
    int ordinal = -1;
    return current_device(&ordinal) ? find_gpu(ordinal) : nullptr;
}

}  // namespace

gate::SharedLane* current_lane() noexcept {
    if (g_forgotten.load(std::memory_order_relaxed)) return nullptr;
    Gpu* const gpu = current_gpu();
    if (gpu == nullptr) return nullptr;
    gate::SharedLane* const entered = gate::ThreadLane::current().lane();
    if (entered != nullptr && &entered->lane().device() == &gpu->device) return entered;
    return process_lane_of(*gpu);
}

Status find_gpu_device(const char* name, device::Device** out_device, char* out_board) noexcept {
    char* end = nullptr;
    constexpr std::size_t kKindBytes = sizeof(kDeviceKind) - 1;
    const bool named = std::strncmp(name, kDeviceKind, kKindBytes) == 0 &&
                       name[kKindBytes] == ':' && name[kKindBytes + 1] >= '0' &&
                       name[kKindBytes + 1] <= '9';
    const long ordinal = named ? std::strtol(name + kKindBytes + 1, &end, 10) : -1;
    if (!named || *end != '\0') {
        return Status::error(
            Code::kNotFound, "no device \"%.40s\"; the devices are %s:N", name, kDeviceKind);
    }
    // The program may open a lane before its first call of the driver.
    if (!start_driver()) {
        return Status::error(
            Code::kNotFound, "no device \"%.40s\": %s does not start here", name, kApiName);
    }
    int count = 0;
    if (!device_count(&count) || ordinal >= count) {
        return Status::error(Code::kNotFound, "no device \"%.40s\": there are %d", name, count);
    }
    Gpu* const gpu = find_gpu(static_cast<int>(ordinal));
    if (gpu == nullptr || gpu->board_name[0] == '\0') {
        return Status::error(Code::kUnavailable, "device \"%.40s\" cannot be named", name);
    }
    *out_device = &gpu->device;
    std::snprintf(out_board, board::kDeviceNameBytes, "%s", gpu->board_name);
    return {};
}

Watch watch_for(const gate::SharedLane& lane) noexcept {
    if (g_gpu_count.load(std::memory_order_relaxed) != 1 || !lane.lane().alone()) return {};
    for (const auto& place : g_gpus) {
        Gpu* const gpu = place.load(std::memory_order_acquire);
        if (gpu == nullptr || gpu->process_lane != &lane || !gpu->board.valid()) continue;
        return {true, &gpu->board.header().epoch, lane.lane().alone_epoch()};
    }
    return {};
}

void for_each_process_lane(void (*visit)(gate::SharedLane& lane)) noexcept {
    for (const auto& place : g_gpus) {
        Gpu* const gpu = place.load(std::memory_order_acquire);
        if (gpu != nullptr && gpu->process_lane != nullptr) visit(*gpu->process_lane);
    }
}

void forget_lanes() noexcept {
    g_forgotten.store(true, std::memory_order_relaxed);
}

}  // namespace headway::gpu
