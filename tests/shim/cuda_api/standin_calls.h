// The functions of the CUDA driver that the stand-in has, besides those that the shim hooks.
#pragma once

#include "tests/shim/cuda_api/look_up.h"
#include "tests/shim/standin/plain_calls.h"
#include "tests/shim/standin/stream_calls.h"

namespace headway::standin {

template <Entry kEntry, typename... Args>
using LaunchKernelEx = LaunchEx<gpu::LaunchConfig, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchMultiDevice = LaunchMulti<gpu::LaunchParams, kEntry, Args...>;

// The driver's private tables are unknown; the CUDA runtime gives up on a driver without them.
template <>
struct None<Entry::cuGetExportTable> {
    static Result call(const void** table, const void*) {
        return enter<Entry::cuGetExportTable>([&] {
            *table = nullptr;
            return gpu::kErrorNotFound;
        });
    }
};

template <>
struct None<Entry::cuDeviceGetUuid> : DeviceUuid<Entry::cuDeviceGetUuid> {};

template <>
struct None<Entry::cuDeviceGetUuid_v2> : DeviceUuid<Entry::cuDeviceGetUuid_v2> {};

template <>
struct None<Entry::cuCtxCreate_v2> : OutContext<Entry::cuCtxCreate_v2> {};

template <>
struct None<Entry::cuCtxCreate_v4> : OutContext<Entry::cuCtxCreate_v4> {};

template <>
struct None<Entry::cuCtxGetCurrent> : OutContext<Entry::cuCtxGetCurrent> {};

template <>
struct None<Entry::cuCtxPopCurrent_v2> : OutContext<Entry::cuCtxPopCurrent_v2> {};

template <>
struct None<Entry::cuStreamGetCtx> : OutContext<Entry::cuStreamGetCtx> {};

template <>
struct None<Entry::cuModuleLoadData> : OutHandle<Entry::cuModuleLoadData> {};

template <>
struct None<Entry::cuLibraryLoadData> : OutHandle<Entry::cuLibraryLoadData> {};

template <>
struct None<Entry::cuModuleGetFunction> : OutFunction<Entry::cuModuleGetFunction> {};

template <>
struct None<Entry::cuLibraryGetKernel> : OutFunction<Entry::cuLibraryGetKernel> {};

template <>
struct None<Entry::cuDriverGetVersion> : DriverVersion<Entry::cuDriverGetVersion> {};

template <>
struct None<Entry::cuDeviceGetCount> : DeviceCount<Entry::cuDeviceGetCount> {};

template <>
struct None<Entry::cuDeviceGet> : DeviceGet<Entry::cuDeviceGet> {};

template <>
struct None<Entry::cuDeviceGetName> : DeviceName<Entry::cuDeviceGetName> {};

template <>
struct None<Entry::cuDeviceGetAttribute> : DeviceAttribute<Entry::cuDeviceGetAttribute> {};

template <>
struct None<Entry::cuDeviceTotalMem_v2> : DeviceMemory<Entry::cuDeviceTotalMem_v2> {};

template <>
struct None<Entry::cuCtxSetCurrent> : SetContext<Entry::cuCtxSetCurrent> {};

template <>
struct None<Entry::cuDevicePrimaryCtxRetain> : RetainContext<Entry::cuDevicePrimaryCtxRetain> {};

template <>
struct None<Entry::cuCtxGetDevice> : CurrentDevice<Entry::cuCtxGetDevice> {};

template <>
struct None<Entry::cuCtxGetStreamPriorityRange>
    : PriorityRange<Entry::cuCtxGetStreamPriorityRange> {};

template <>
struct None<Entry::cuMemAlloc_v2> : Alloc<Entry::cuMemAlloc_v2> {};

template <>
struct None<Entry::cuMemFree_v2> : Free<Entry::cuMemFree_v2> {};

template <>
struct None<Entry::cuMemHostRegister_v2> : HostRegister<Entry::cuMemHostRegister_v2> {};

template <>
struct None<Entry::cuMemHostUnregister> : HostUnregister<Entry::cuMemHostUnregister> {};

template <>
struct None<Entry::cuMemHostGetDevicePointer_v2>
    : DevicePointer<Entry::cuMemHostGetDevicePointer_v2> {};

template <>
struct None<Entry::cuStreamWriteValue32> : WriteValue<Entry::cuStreamWriteValue32, std::uint32_t> {
};

template <>
struct None<Entry::cuStreamWriteValue32_v2>
    : WriteValue<Entry::cuStreamWriteValue32_v2, std::uint32_t> {};

template <>
struct None<Entry::cuStreamWriteValue64_v2>
    : WriteValue<Entry::cuStreamWriteValue64_v2, std::uint64_t> {};

template <>
struct None<Entry::cuStreamIsCapturing> : IsCapturing<Entry::cuStreamIsCapturing> {};

template <>
struct None<Entry::cuStreamIsCapturing_ptsz> : IsCapturing<Entry::cuStreamIsCapturing_ptsz> {};

template <>
struct None<Entry::cuGraphInstantiateWithFlags> : Instantiate<Entry::cuGraphInstantiateWithFlags> {
};

template <>
struct None<Entry::cuGraphInstantiate_v2> : Instantiate<Entry::cuGraphInstantiate_v2> {};

template <>
struct None<Entry::cuStreamGetPriority> : StreamPriority<Entry::cuStreamGetPriority> {};

template <>
struct None<Entry::cuStreamWaitEvent> : WaitEvent<Entry::cuStreamWaitEvent> {};

template <>
struct None<Entry::cuEventCreate> : EventCreate<Entry::cuEventCreate> {};

template <>
struct None<Entry::cuEventElapsedTime> : ElapsedTime<Entry::cuEventElapsedTime> {};

}  // namespace headway::standin
