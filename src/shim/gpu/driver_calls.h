// What Headway itself asks of a GPU's driver, in the words of no API. Each shim implements it over
// its own table (driver_calls.cc beside the table). All functions are thread-safe and fail softly
// where the driver is missing, lacks the function, or refuses.
#pragma once

#include "device/device.h"
#include "driver_abi.h"
#include "shim/gpu/entries.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace headway::gpu {

// Opens the installed driver or, where none is found, the file `hint` (may be null); returns its
// handle, which is never closed, or null having said so. Blocks as dlopen does.
void* open_driver(const char* hint) noexcept;

// The driver has been opened, and Headway is not disabled: watches what the driver itself asks of
// the system, where yield_device() needs that.
void watch_driver(void* handle) noexcept;

// What a row returns where there is no driver at all.
Result result_without_driver(Entry entry) noexcept;

// An address in the driver's code, or null.
const void* driver_code() noexcept;

// Starts the driver, if the program has not done so.
bool start_driver() noexcept;

// Devices as this process counts them. current_device() is false without a current context.
bool device_count(int* out_count) noexcept;
bool current_device(int* out_ordinal) noexcept;

// The name of a device's board (board::kDeviceNameBytes): the same for every process, whatever
// devices are visible to it.
bool name_board(int ordinal, char* out_name) noexcept;

// Whether a stream records a graph. kUnknown: the driver cannot say.
enum class CaptureState : std::uint8_t { kNone, kRecording, kUnknown };
CaptureState capture_state(std::uintptr_t stream) noexcept;

// Makes a page of host memory writable by the device, and takes that back.
device::Device::Registration register_page(void* page, std::size_t bytes) noexcept;
void unregister_page(void* page) noexcept;

// The device writes `value` to `word`, which lies in a registered page, after all earlier work of
// the stream.
bool write_in_order(std::uintptr_t stream,
                    std::atomic<std::uint32_t>* word,
                    std::uint32_t value) noexcept;

// Stream priorities: lower numbers go first, 0 is the default. Without levels, the greatest is 0.
int greatest_stream_priority() noexcept;
bool stream_priority(std::uintptr_t stream, int* out_priority) noexcept;
bool set_stream_priority(std::uintptr_t stream, int priority) noexcept;

// Level 3: lets the GPU take this process's running work off as soon as its standing asks for.
// Returns the timeslice now in force in microseconds; 0: the device's own, or not possible. Off the
// hot path.
std::uint32_t yield_device(int ordinal,
                           const char* board_name,
                           device::Device::Standing standing) noexcept;

// Whether the device works for one process at a time (device::Device says what that is for). Off
// the hot path.
bool serves_one_process(int ordinal) noexcept;

// In a forked child: what was learned of the parent's driver is not the child's.
void forget_driver() noexcept;

}  // namespace headway::gpu
