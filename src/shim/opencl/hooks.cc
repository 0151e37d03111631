// The enqueue functions: each goes through the gate, then to the target with its own arguments.
#include "shim/opencl/hooks.h"

#include "shim/opencl/dispatch.h"
#include "shim/opencl/scheduler.h"

#include <CL/cl_icd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>

// An attribute of a function's type (its calling convention) is lost when the type becomes a
// template's argument; on Linux there is none.
#pragma GCC diagnostic ignored "-Wignored-attributes"

namespace headway::opencl {

namespace {

constexpr int kNone = -1;

// What the layer reads of a function's arguments, by their position.
struct Reading {
    Work work;
    int blocking = kNone;  // cl_bool
    int bytes = kNone;     // size_t
    int region = kNone;    // const size_t[3]
};

class Key {
 public:
    explicit Key(std::uintptr_t function) noexcept { mix(function); }

    void mix(std::uint64_t value) noexcept {
        key_ = (key_ ^ value) * 0x9E3779B97F4A7C15U;
        key_ ^= key_ >> 29;
    }

    // Unset arrays are valid, and left to the driver.
    void mix_sizes(const std::size_t* sizes, std::size_t count) noexcept {
        for (std::size_t i = 0; sizes != nullptr && i < std::min<std::size_t>(count, 3); ++i)
            mix(sizes[i]);
    }

    std::uint64_t value() const noexcept { return key_ | 1; }

 private:
    std::uint64_t key_ = 0;
};

template <int kIndex, typename Arguments>
auto argument(const Arguments& arguments) noexcept {
    return std::get<static_cast<std::size_t>(kIndex)>(arguments);
}

template <typename Arguments>
std::uint64_t kernel_key(const Arguments& arguments) noexcept {
    Key key(reinterpret_cast<std::uintptr_t>(std::get<1>(arguments)));
    if constexpr (std::tuple_size_v<Arguments> == 9) {  // clEnqueueNDRangeKernel
        const std::size_t dimensions = std::get<2>(arguments);
        key.mix_sizes(std::get<4>(arguments), dimensions);
        key.mix_sizes(std::get<5>(arguments), dimensions);
    }
    return key.value();
}

// Gated<&cl_icd_dispatch::clEnqueue..., Reading>::call is what the program calls.
template <auto kMember, Reading kReading, typename Function = decltype(kMember)>
struct Gated;

template <auto kMember, Reading kReading, typename Result, typename... Arguments>
struct Gated<kMember, kReading, Result (*cl_icd_dispatch::*)(Arguments...)> {
    using Tuple = std::tuple<Arguments...>;

    static std::uint64_t key(const Tuple& arguments) noexcept {
        if constexpr (kReading.work == Work::kKernel) return kernel_key(arguments);
        Key key(reinterpret_cast<std::uintptr_t>(&call));
        if constexpr (kReading.bytes != kNone) key.mix(argument<kReading.bytes>(arguments));
        if constexpr (kReading.region != kNone)
            key.mix_sizes(argument<kReading.region>(arguments), 3);
        return key.value();
    }

    // The wait list stands behind its count, wherever the two are.
    template <std::size_t... kIndices>
    static cl_uint wait_count(const Tuple& arguments, std::index_sequence<kIndices...>) noexcept {
        cl_uint count = 0;
        const auto look = [&]<std::size_t kIndex>() noexcept {
            if constexpr (kIndex > 0 &&
                          std::is_same_v<std::tuple_element_t<kIndex, Tuple>, const cl_event*>) {
                count = std::get<kIndex - 1>(arguments);
            }
        };
        (look.template operator()<kIndices>(), ...);
        return count;
    }

    static bool taken(const Result& result) noexcept {
        if constexpr (std::is_pointer_v<Result>) {
            return result != nullptr;
        } else {
            return result == CL_SUCCESS;
        }
    }

    static Result call(Arguments... values) noexcept {
        const Tuple arguments(values...);
        LaunchFacts facts;
        facts.work = kReading.work;
        facts.queue = std::get<0>(arguments);
        facts.key = key(arguments);
        if constexpr (kReading.blocking != kNone) {
            facts.blocking = argument<kReading.blocking>(arguments) != CL_FALSE;
        }
        facts.wait_count = wait_count(arguments, std::index_sequence_for<Arguments...>());
        facts.wait_list = std::get<const cl_event*>(arguments);
        Ticket ticket;
        before_launch(facts, &ticket);
        const Result result = (target()->*kMember)(values...);
        cl_event* const event = std::get<cl_event*>(arguments);
        const bool success = taken(result);
        after_launch(facts, &ticket, success, success && event != nullptr ? *event : nullptr);
        return result;
    }
};

template <auto kMember, Reading kReading>
void gate(cl_icd_dispatch* table) noexcept {
    if (target()->*kMember != nullptr) table->*kMember = Gated<kMember, kReading>::call;
}

void hook_kernels(cl_icd_dispatch* table) noexcept {
    gate<&cl_icd_dispatch::clEnqueueNDRangeKernel, Reading{Work::kKernel}>(table);
    gate<&cl_icd_dispatch::clEnqueueTask, Reading{Work::kKernel}>(table);
    gate<&cl_icd_dispatch::clEnqueueNativeKernel, Reading{Work::kKernel}>(table);
}

void hook_buffers(cl_icd_dispatch* table) noexcept {
    constexpr Work kCopy = Work::kCopy;
    gate<&cl_icd_dispatch::clEnqueueReadBuffer, Reading{kCopy, 2, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueWriteBuffer, Reading{kCopy, 2, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueReadBufferRect, Reading{kCopy, 2, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueWriteBufferRect, Reading{kCopy, 2, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueCopyBuffer, Reading{kCopy, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueCopyBufferRect, Reading{kCopy, kNone, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueFillBuffer, Reading{kCopy, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueMigrateMemObjects, Reading{kCopy}>(table);
}

void hook_images(cl_icd_dispatch* table) noexcept {
    constexpr Work kCopy = Work::kCopy;
    gate<&cl_icd_dispatch::clEnqueueReadImage, Reading{kCopy, 2, kNone, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueWriteImage, Reading{kCopy, 2, kNone, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueCopyImage, Reading{kCopy, kNone, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueFillImage, Reading{kCopy, kNone, kNone, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueCopyImageToBuffer, Reading{kCopy, kNone, kNone, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueCopyBufferToImage, Reading{kCopy, kNone, kNone, 5}>(table);
}

void hook_maps(cl_icd_dispatch* table) noexcept {
    constexpr Work kMap = Work::kMap;
    gate<&cl_icd_dispatch::clEnqueueMapBuffer, Reading{kMap, 2, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueMapImage, Reading{kMap, 2, kNone, 5}>(table);
    gate<&cl_icd_dispatch::clEnqueueUnmapMemObject, Reading{kMap}>(table);
    gate<&cl_icd_dispatch::clEnqueueSVMMap, Reading{kMap, 1, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueSVMUnmap, Reading{kMap}>(table);
}

void hook_shared_memory(cl_icd_dispatch* table) noexcept {
    constexpr Work kCopy = Work::kCopy;
    gate<&cl_icd_dispatch::clEnqueueSVMFree, Reading{kCopy}>(table);
    gate<&cl_icd_dispatch::clEnqueueSVMMemcpy, Reading{kCopy, 1, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueSVMMemFill, Reading{kCopy, kNone, 4}>(table);
    gate<&cl_icd_dispatch::clEnqueueSVMMigrateMem, Reading{kCopy}>(table);
}

}  // namespace

void hook_enqueues(cl_icd_dispatch* table) noexcept {
    hook_kernels(table);
    hook_buffers(table);
    hook_images(table);
    hook_maps(table);
    hook_shared_memory(table);
}

}  // namespace headway::opencl
