// A stream's number goes where the driver takes a handle: both are one machine word.
#include "shim/gpu/driver_calls.h"

#include "base/say.h"
#include "board/layout.h"
#include "shim/cuda/driver_ioctl.h"
#include "shim/cuda/driver_search.h"
#include "shim/gpu/driver.h"

#include <algorithm>
#include <cstdio>

namespace headway::gpu {

namespace {

// CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP: for all contexts, writable by the
// device.
constexpr unsigned kRegisterFlags = 0x01 | 0x02;

// CU_STREAM_WRITE_VALUE_DEFAULT: the write comes after all earlier writes of the stream.
constexpr unsigned kWriteAfterAll = 0;

// CU_LAUNCH_ATTRIBUTE_PRIORITY, and the size of CUlaunchAttributeValue.
constexpr int kPriorityAttribute = 8;
constexpr std::size_t kAttributeBytes = 64;

// CU_DEVICE_ATTRIBUTE_MPS_ENABLED: 1 in a client of MPS. Drivers before CUDA 12.4 do not know it.
constexpr int kMpsEnabledAttribute = 133;

}  // namespace

void* open_driver(const char* hint) noexcept {
    void* found = open_installed_driver();
    if (found == nullptr && hint != nullptr) found = open_driver_file(hint);
    if (found == nullptr) {
        say_once("no CUDA driver was found (libcuda.so.1); HEADWAY_CUDA_DRIVER can name it");
    }
    return found;
}

void watch_driver(void* handle) noexcept {
    watch_driver_ioctl(handle);
}

Result result_without_driver(Entry entry) noexcept {
    // Without a driver there is no device: what a program that asks first gets to hear.
    return entry == Entry::cuInit ? kErrorNoDevice : kErrorNotInitialized;
}

const void* driver_code() noexcept {
    return driver_function(Entry::cuInit);
}

bool start_driver() noexcept {
    return call_driver_if_there<Entry::cuInit>(0U) == kSuccess;
}

bool device_count(int* out_count) noexcept {
    return call_driver_if_there<Entry::cuDeviceGetCount>(out_count) == kSuccess;
}

bool current_device(int* out_ordinal) noexcept {
    return call_driver_if_there<Entry::cuCtxGetDevice>(out_ordinal) == kSuccess;
}

// "GPU-" and the UUID in the usual grouping. A MIG instance has a UUID of its own, and so a board
// of its own.
bool name_board(int ordinal, char* out_name) noexcept {
    int device = 0;
    unsigned char uuid[16] = {};
    if (call_driver_if_there<Entry::cuDeviceGet>(&device, ordinal) != kSuccess) return false;
    if (call_driver_if_there<Entry::cuDeviceGetUuid_v2>(static_cast<void*>(uuid), device) !=
            kSuccess &&
        call_driver_if_there<Entry::cuDeviceGetUuid>(static_cast<void*>(uuid), device) !=
            kSuccess) {
        return false;
    }
    std::size_t length =
        static_cast<std::size_t>(std::snprintf(out_name, board::kDeviceNameBytes, "GPU-"));
    for (std::size_t i = 0; i < sizeof(uuid); ++i) {
        const char* dash = i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";
        length += static_cast<std::size_t>(std::snprintf(
            out_name + length, board::kDeviceNameBytes - length, "%s%02x", dash, uuid[i]));
    }
    return true;
}

CaptureState capture_state(std::uintptr_t stream) noexcept {
    int status = kCaptureNone;
    if (call_driver_if_there<Entry::cuStreamIsCapturing>(stream, &status) != kSuccess)
        return CaptureState::kUnknown;
    return status == kCaptureNone ? CaptureState::kNone : CaptureState::kRecording;
}

device::Device::Registration register_page(void* page, std::size_t bytes) noexcept {
    using Registration = device::Device::Registration;
    const Result result =
        call_driver_if_there<Entry::cuMemHostRegister_v2>(page, bytes, kRegisterFlags);
    // After the end of one context of several the page may still be registered.
    return result == kSuccess || result == kErrorAlreadyRegistered ? Registration::kDone
                                                                   : Registration::kRefused;
}

void unregister_page(void* page) noexcept {
    // Without a context, or at the end of the process, the driver refuses: then it forgets by
    // itself.
    call_driver_if_there<Entry::cuMemHostUnregister>(page);
}

bool write_in_order(std::uintptr_t stream,
                    std::atomic<std::uint32_t>* word,
                    std::uint32_t value) noexcept {
    std::uint64_t address = 0;
    // With unified addressing this is the host address again, and costs tens of nanoseconds.
    if (call_driver_if_there<Entry::cuMemHostGetDevicePointer_v2>(
            &address, static_cast<void*>(word), 0U) != kSuccess) {
        return false;
    }
    return call_driver_if_there<Entry::cuStreamWriteValue32_v2>(
               stream, address, value, kWriteAfterAll) == kSuccess;
}

int greatest_stream_priority() noexcept {
    int least = 0;
    int greatest = 0;
    call_driver_if_there<Entry::cuCtxGetStreamPriorityRange>(&least, &greatest);
    return greatest;
}

bool stream_priority(std::uintptr_t stream, int* out_priority) noexcept {
    return call_driver_if_there<Entry::cuStreamGetPriority>(stream, out_priority) == kSuccess;
}

bool set_stream_priority(std::uintptr_t stream, int priority) noexcept {
    alignas(8) unsigned char value[kAttributeBytes] = {};
    std::copy_n(reinterpret_cast<const unsigned char*>(&priority), sizeof(priority), value);
    return call_driver_if_there<Entry::cuStreamSetAttribute>(
               stream, kPriorityAttribute, static_cast<void*>(value)) == kSuccess;
}

std::uint32_t yield_device(int,
                           const char* board_name,
                           device::Device::Standing standing) noexcept {
    const std::uint32_t us = timeslice_us();
    if (us == 0) return 0;
    // A process that is outranked but not in the way is better off without: whenever the other one
    // pauses for some microseconds, a short timeslice makes the GPU switch there and back.
    const bool in_the_way = standing == device::Device::Standing::kInTheWay;
    return channel_groups().set_timeslice(board_name, in_the_way ? us : 0);
}

// The GPU changes between the contexts of processes; MPS puts its clients into one.
bool serves_one_process(int ordinal) noexcept {
    int device = 0;
    int in_mps = 0;
    const bool told = call_driver_if_there<Entry::cuDeviceGet>(&device, ordinal) == kSuccess &&
                      call_driver_if_there<Entry::cuDeviceGetAttribute>(
                          &in_mps, kMpsEnabledAttribute, device) == kSuccess;
    return !told || in_mps == 0;
}

void forget_driver() noexcept {
    channel_groups().forget();
}

}  // namespace headway::gpu

// The mark by which one Headway library recognises another (driver_search.cc).
// NOLINTNEXTLINE(readability-identifier-naming): a name of the C ABI
extern "C" __attribute__((visibility("default"))) const int headway_cuda_shim = 1;
