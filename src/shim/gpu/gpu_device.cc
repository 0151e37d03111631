#include "shim/gpu/gpu_device.h"

#include "board/layout.h"
#include "shim/gpu/capture.h"
#include "shim/gpu/driver_calls.h"

#include <cstddef>

namespace headway::gpu {

namespace {

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
    auto* const byte = reinterpret_cast<char*>(const_cast<std::atomic<std::uint32_t>*>(word));
    return byte - reinterpret_cast<std::uintptr_t>(word) % board::kPageBytes;
}

}  // namespace

device::StreamHandle gate_stream(std::uintptr_t stream) noexcept {
    if (stream != kPerThreadStream) return stream;
    return this_thread_number() << kThreadStreamShift | kThreadStreamMark;
}

device::Device::Registration GpuDevice::register_progress(std::atomic<std::uint32_t>* progress,
                                                          std::uint32_t) noexcept {
    if (capture_in_progress()) return Registration::kNotNow;
    return register_page(page_of(progress), board::kPageBytes);
}

void GpuDevice::unregister_progress(std::atomic<std::uint32_t>* progress) noexcept {
    unregister_page(page_of(progress));
}

bool GpuDevice::write_marker(device::StreamHandle stream,
                             std::atomic<std::uint32_t>* word,
                             std::uint32_t value) noexcept {
    std::uintptr_t number = 0;
    return driver_stream(stream, &number) && !is_capturing(number) &&
           write_in_order(number, word, value);
}

std::uint32_t GpuDevice::give_way(Standing standing) noexcept {
    // Alone or in front from the start: the driver is not even asked.
    const bool is_free = standing == Standing::kFree;
    if (is_free && !gave_way_.load(std::memory_order_relaxed)) return 0;
    gave_way_.store(!is_free, std::memory_order_relaxed);
    return yield_device(ordinal_, name_, standing);
}

bool GpuDevice::one_process_at_a_time() const noexcept {
    // Relaxed: two threads that both ask get the same answer.
    Sharing sharing = sharing_.load(std::memory_order_relaxed);
    if (sharing == Sharing::kUnknown) {
        sharing = serves_one_process(ordinal_) ? Sharing::kOneProcess : Sharing::kManyProcesses;
        sharing_.store(sharing, std::memory_order_relaxed);
    }
    return sharing == Sharing::kOneProcess;
}

}  // namespace headway::gpu
