#include "shim/cuda/cuda_device.h"

#include "board/layout.h"
#include "shim/cuda/capture.h"
#include "shim/cuda/driver.h"
#include "shim/cuda/driver_ioctl.h"

#include <cstddef>

namespace headway::cuda {

namespace {

// CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP: for all contexts, writable by the
// device.
constexpr unsigned kRegisterFlags = 0x01 | 0x02;

// CU_STREAM_WRITE_VALUE_DEFAULT: the write comes after all earlier writes of the stream.
constexpr unsigned kWriteAfterAll = 0;

// Handles are addresses of aligned objects, so none has this in its lowest byte.
constexpr std::uint64_t kThreadStreamMark = kPerThreadStream;
constexpr unsigned kThreadStreamShift = 8;

std::uint64_t this_thread_number() noexcept {
    static constinit std::atomic<std::uint64_t> g_latest{0};
    static constinit thread_local std::uint64_t t_number = 0;
    if (t_number == 0) t_number = g_latest.fetch_add(1, std::memory_order_relaxed) + 1;
    return t_number;
}

// The handle that the calling thread gives the driver for it, or nothing if it is another thread's.
bool driver_stream(device::StreamHandle stream, std::uintptr_t* out) noexcept {
    const bool of_a_thread = (stream & 0xFF) == kThreadStreamMark && stream > 0xFF;
    if (of_a_thread && stream >> kThreadStreamShift != this_thread_number()) return false;
    *out = of_a_thread ? kPerThreadStream : static_cast<std::uintptr_t>(stream);
    return true;
}

void* page_of(const std::atomic<std::uint32_t>* word) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(word);
    return reinterpret_cast<void*>(address & ~(board::kPageBytes - 1));
}

}  // namespace

device::StreamHandle gate_stream(std::uintptr_t stream) noexcept {
    if (stream != kPerThreadStream) return stream;
    return this_thread_number() << kThreadStreamShift | kThreadStreamMark;
}

device::Device::Registration CudaDevice::register_progress(std::atomic<std::uint32_t>* progress,
                                                           std::uint32_t) noexcept {
    if (capture_in_progress()) return Registration::kNotNow;
    const Result result = call_driver_if_there<Entry::cuMemHostRegister_v2>(
        page_of(progress), std::size_t{board::kPageBytes}, kRegisterFlags);
    // After the end of one context of several the page may still be registered.
    return result == kSuccess || result == kErrorAlreadyRegistered ? Registration::kDone
                                                                   : Registration::kRefused;
}

void CudaDevice::unregister_progress(std::atomic<std::uint32_t>* progress) noexcept {
    // Without a context, or at the end of the process, the driver refuses: then it forgets by
    // itself.
    call_driver_if_there<Entry::cuMemHostUnregister>(page_of(progress));
}

bool CudaDevice::write_marker(device::StreamHandle stream,
                              std::atomic<std::uint32_t>* word,
                              std::uint32_t value) noexcept {
    std::uintptr_t number = 0;
    if (!driver_stream(stream, &number) || is_capturing(number)) return false;
    std::uint64_t address = 0;
    // With unified addressing this is the host address again, and costs tens of nanoseconds.
    if (call_driver_if_there<Entry::cuMemHostGetDevicePointer_v2>(
            &address, static_cast<void*>(word), 0U) != kSuccess) {
        return false;
    }
    auto* const handle = reinterpret_cast<abi::Stream>(number);
    return call_driver_if_there<Entry::cuStreamWriteValue32_v2>(
               handle, address, value, kWriteAfterAll) == kSuccess;
}

std::uint32_t CudaDevice::give_way(bool outranked) noexcept {
    const std::uint32_t us = timeslice_us();
    // Alone or in front from the start: the driver is not even asked.
    if (us == 0 || (!outranked && !gave_way_.load(std::memory_order_relaxed))) return 0;
    gave_way_.store(outranked, std::memory_order_relaxed);
    return channel_groups().set_timeslice(name_, outranked ? us : 0);
}

}  // namespace headway::cuda
