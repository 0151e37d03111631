// A stream's number goes where the driver takes a handle: both are one machine word.
#include "shim/gpu/driver_calls.h"

#include "board/layout.h"
#include "device/amd_level3.h"
#include "shim/gpu/driver.h"
#include "shim/hip/runtime_search.h"

#include <cstdio>

namespace headway::gpu {

namespace {

// For all devices' contexts, writable by the device.
constexpr std::uint32_t kRegisterFlags = kHostRegisterPortable | kHostRegisterMapped;

// hipStreamWriteValue32 knows no flags.
constexpr std::uint32_t kNoFlags = 0;

constexpr int kBusIdBytes = 32;

bool bus_id_of(int ordinal, char (&out)[kBusIdBytes]) noexcept {
    return call_driver_if_there<Entry::hipDeviceGetPCIBusId>(
               static_cast<char*>(out), kBusIdBytes, ordinal) == kSuccess;
}

bool has_bytes(const unsigned char (&uuid)[16]) noexcept {
    for (const unsigned char byte : uuid) {
        if (byte != 0) return true;
    }
    return false;
}

// "GPU-" and the UUID. AMD's GPUs have 16 printable characters there: those that fit a file's name
// stay as they are.
void write_uuid_name(const unsigned char (&uuid)[16], char* out_name) noexcept {
    bool printable = true;
    for (const unsigned char byte : uuid) {
        printable = printable && ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                                  (byte >= 'A' && byte <= 'Z'));
    }
    if (printable) {
        std::snprintf(
            out_name, board::kDeviceNameBytes, "GPU-%.16s", reinterpret_cast<const char*>(uuid));
        return;
    }
    std::size_t length =
        static_cast<std::size_t>(std::snprintf(out_name, board::kDeviceNameBytes, "GPU-"));
    for (const unsigned char byte : uuid) {
        length += static_cast<std::size_t>(
            std::snprintf(out_name + length, board::kDeviceNameBytes - length, "%02x", byte));
    }
}

}  // namespace

void* open_driver(const char* hint) noexcept {
    return find_runtime(hint);
}

void watch_driver(void*) noexcept {
    device::watch_amd_queues();
}

Result result_without_driver(Entry) noexcept {
    // What a program that asks first, whatever it asks, gets to hear where there is no device.
    return kErrorNoDevice;
}

const void* driver_code() noexcept {
    return driver_function(Entry::hipInit);
}

bool start_driver() noexcept {
    return call_driver_if_there<Entry::hipInit>(0U) == kSuccess;
}

bool device_count(int* out_count) noexcept {
    return call_driver_if_there<Entry::hipGetDeviceCount>(out_count) == kSuccess;
}

bool current_device(int* out_ordinal) noexcept {
    return call_driver_if_there<Entry::hipGetDevice>(out_ordinal) == kSuccess;
}

// By UUID (HIP 5.2 and newer), else by the place on the bus.
bool name_board(int ordinal, char* out_name) noexcept {
    int device = 0;
    unsigned char uuid[16] = {};
    if (call_driver_if_there<Entry::hipDeviceGet>(&device, ordinal) == kSuccess &&
        call_driver_if_there<Entry::hipDeviceGetUuid>(static_cast<void*>(uuid), device) ==
            kSuccess &&
        has_bytes(uuid)) {
        write_uuid_name(uuid, out_name);
        return true;
    }
    char bus_id[kBusIdBytes] = {};
    if (!bus_id_of(ordinal, bus_id)) return false;
    std::snprintf(out_name, board::kDeviceNameBytes, "GPU-pci-%.31s", bus_id);
    for (char* c = out_name; *c != '\0'; ++c) {
        if (*c == ':' || *c == '.' || *c == '/') *c = '-';
    }
    return true;
}

CaptureState capture_state(std::uintptr_t stream) noexcept {
    int status = kCaptureNone;
    if (call_driver_if_there<Entry::hipStreamIsCapturing>(stream, &status) != kSuccess)
        return CaptureState::kUnknown;
    return status == kCaptureNone ? CaptureState::kNone : CaptureState::kRecording;
}

device::Device::Registration register_page(void* page, std::size_t bytes) noexcept {
    using Registration = device::Device::Registration;
    const Result result = call_driver_if_there<Entry::hipHostRegister>(page, bytes, kRegisterFlags);
    return result == kSuccess || result == kErrorAlreadyRegistered ? Registration::kDone
                                                                   : Registration::kRefused;
}

void unregister_page(void* page) noexcept {
    call_driver_if_there<Entry::hipHostUnregister>(page);
}

// The runtime makes this a barrier and a kernel of one thread (ROCm's rocblit, streamOpsWrite): it
// costs the GPU's front end some microseconds, which is one more reason for few markers.
bool write_in_order(std::uintptr_t stream,
                    std::atomic<std::uint32_t>* word,
                    std::uint32_t value) noexcept {
    void* address = nullptr;
    if (call_driver_if_there<Entry::hipHostGetDevicePointer>(
            &address, static_cast<void*>(word), kNoFlags) != kSuccess) {
        return false;
    }
    return call_driver_if_there<Entry::hipStreamWriteValue32>(stream, address, value, kNoFlags) ==
           kSuccess;
}

int greatest_stream_priority() noexcept {
    int least = 0;
    int greatest = 0;
    call_driver_if_there<Entry::hipDeviceGetStreamPriorityRange>(&least, &greatest);
    return greatest;
}

bool stream_priority(std::uintptr_t stream, int* out_priority) noexcept {
    return call_driver_if_there<Entry::hipStreamGetPriority>(stream, out_priority) == kSuccess;
}

// No HIP up to 7.2 changes the priority of a stream that is there: hipStreamSetAttribute refuses
// that attribute. Streams get theirs when they are created.
bool set_stream_priority(std::uintptr_t, int) noexcept {
    return false;
}

// Queue control has no timeslice to tell of.
std::uint32_t yield_device(int ordinal, const char*, device::Device::Standing standing) noexcept {
    char bus_id[kBusIdBytes] = {};
    if (device::amd_level3_mode() != device::KfdQueues::Mode::kOff && bus_id_of(ordinal, bus_id))
        device::amd_queues_give_way(bus_id, standing != device::Device::Standing::kFree);
    return 0;
}

// The kernel driver has the firmware run the queues of several processes at once, each in an
// address space of its own (amdgpu's hws_max_conc_proc: as many as there are VMIDs by default).
bool serves_one_process(int) noexcept {
    return false;
}

void forget_driver() noexcept {
    device::forget_amd_queues();
}

}  // namespace headway::gpu

// The mark by which tests and tools tell this library from the runtime's own.
// NOLINTNEXTLINE(readability-identifier-naming): a name of the C ABI
extern "C" __attribute__((visibility("default"))) const int headway_hip_shim = 1;
