#include "shim/opencl/opencl_device.h"

#include "shim/opencl/dispatch.h"
#include "shim/opencl/queues.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace headway::opencl {

// One marker on its way. Owned by the driver, as the callback's argument, until it calls back.
struct OpenClDevice::Marker {
    OpenClDevice* device = nullptr;
    std::uint32_t place = 0;
    std::uint32_t generation = 0;
    std::uint32_t word = 0;
    std::uint32_t value = 0;
    std::uint64_t order = 0;
};

device::Device::Registration OpenClDevice::register_progress(std::atomic<std::uint32_t>* progress,
                                                             std::uint32_t count) noexcept {
    const SpinGuard guard(lock_);
    const auto find = [this](const std::atomic<std::uint32_t>* words) noexcept {
        return std::find_if(progress_.begin(), progress_.end(), [words](const Progress& one) {
            return one.words == words;
        });
    };
    auto* place = find(progress);
    if (place == progress_.end()) place = find(nullptr);
    if (place == progress_.end()) return Registration::kRefused;
    place->words = progress;
    place->generation += 1;  // markers of an earlier registration are none of this one's
    place->count = std::min<std::uint32_t>(count, board::kTrackCountMax);
    place->stored = {};
    return Registration::kDone;
}

void OpenClDevice::unregister_progress(std::atomic<std::uint32_t>* progress) noexcept {
    const SpinGuard guard(lock_);
    for (Progress& one : progress_) {
        if (one.words == progress) one.words = nullptr;
    }
}

// Finds the registration that `word` belongs to, and gives the marker its place in the order.
bool OpenClDevice::describe(std::atomic<std::uint32_t>* word, Marker* out) noexcept {
    const SpinGuard guard(lock_);
    for (std::uint32_t i = 0; i < progress_.size(); ++i) {
        const Progress& one = progress_[i];
        if (one.words == nullptr || word < one.words || word >= one.words + one.count) continue;
        out->device = this;
        out->place = i;
        out->generation = one.generation;
        out->word = static_cast<std::uint32_t>(word - one.words);
        out->order = ++order_;
        return true;
    }
    return false;
}

bool OpenClDevice::write_marker(device::StreamHandle stream,
                                std::atomic<std::uint32_t>* word,
                                std::uint32_t value) noexcept {
    Marker marker;
    marker.value = value;
    if (!describe(word, &marker)) return false;
    void* const memory = std::malloc(sizeof(Marker));
    if (memory == nullptr) return false;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a stream's handle is its queue's address
    auto* const queue = reinterpret_cast<cl_command_queue>(stream);
    // Another thread may be about to destroy the queue.
    if (!retain_known_queue(queue)) {
        std::free(memory);
        return false;
    }
    const bool taken = enqueue(queue, ::new (memory) Marker(marker));
    if (!taken) std::free(memory);
    target()->clReleaseCommandQueue(queue);
    return taken;
}

// Takes `marker` over if it returns true.
bool OpenClDevice::enqueue(cl_command_queue queue, Marker* marker) noexcept {
    const cl_icd_dispatch& cl = *target();
    cl_event event = nullptr;
    if (cl.clEnqueueMarkerWithWaitList(queue, 0, nullptr, &event) != CL_SUCCESS) return false;
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    if (cl.clSetEventCallback(event, CL_COMPLETE, on_complete, marker) != CL_SUCCESS) {
        in_flight_.fetch_sub(1, std::memory_order_relaxed);
        cl.clReleaseEvent(event);
        return false;
    }
    cl.clFlush(queue);
    return true;
}

// Also called for work that ended with an error: it is over.
void CL_CALLBACK OpenClDevice::on_complete(cl_event event, cl_int, void* user_data) noexcept {
    auto* const marker = static_cast<Marker*>(user_data);
    OpenClDevice& device = *marker->device;
    device.store(*marker);
    std::free(marker);
    device.workers_.on_callback();
    target()->clReleaseEvent(event);
    device.in_flight_.fetch_sub(1, std::memory_order_release);
}

void OpenClDevice::store(const Marker& marker) noexcept {
    const SpinGuard guard(lock_);
    Progress& place = progress_[marker.place];
    // The lane may have gone, and its page with it.
    if (place.words == nullptr || place.generation != marker.generation) return;
    // Callbacks of two markers may run at the same time, on two threads.
    std::uint64_t& latest = place.stored[marker.word];
    if (marker.order < latest) return;
    latest = marker.order;
    // Release: who sees the value sees the work that it stands for as done.
    place.words[marker.word].store(marker.value, std::memory_order_release);
}

}  // namespace headway::opencl
