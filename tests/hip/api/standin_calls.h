// The functions of AMD's runtime that the stand-in has, besides those that the shim hooks.
#pragma once

#include "tests/shim/standin/plain_calls.h"
#include "tests/shim/standin/stream_calls.h"

#include <dlfcn.h>

#include <string>

namespace headway::standin {

// What `<<<>>>` becomes: the stream is the sixth argument.
template <Entry kEntry, typename... Args>
struct LaunchDim3 {
    static Result call(Args... args) {
        return enter<kEntry>(
            [&] {
                const std::tuple<Args...> all(args...);
                return launch_on(std::get<0>(all), std::get<5>(all), info(kEntry).per_thread);
            },
            args...);
    }
};

template <Entry kEntry, typename... Args>
using LaunchExC = LaunchEx<gpu::LaunchConfig, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchDrvEx = LaunchEx<gpu::DriverLaunchConfig, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchMultiDevice = LaunchMulti<gpu::LaunchParams, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using LaunchModuleMulti = LaunchMulti<gpu::FunctionLaunchParams, kEntry, Args...>;
template <Entry kEntry, typename... Args>
using StreamCreateFlags = StreamCreate<kEntry, Args...>;

template <Entry kEntry>
struct DeviceReset {
    static Result call() {
        return enter<kEntry>([] {
            wait_for_all_streams();
            return kSuccess;
        });
    }
};

// Finds a function by its name alone, in a library that it opens by name, as AMD's does: in a
// program with a preloaded library the answer is that library's. From 7.2 on flag 2 asks for the
// _spt form.
inline void* find_by_name(const char* name, std::uint64_t flags) {
    void* const library = dlopen("libamdhip64.so.6", RTLD_LAZY);
    if (library == nullptr) return nullptr;
    void* found = nullptr;
    if ((flags & gpu::kPerThreadStreamFlag) != 0)
        found = dlsym(library, (std::string(name) + "_spt").c_str());
    return found != nullptr ? found : dlsym(library, name);
}

// Not logged: its arguments are addresses.
template <Entry kEntry,
          typename Name,
          typename Out,
          typename Version,
          typename Flags,
          typename Status>
struct GetProcAddress {
    static Result call(Name name, Out out, Version, Flags flags, Status status) {
        if (name == nullptr || out == nullptr) return kErrorInvalidValue;
        void* const found = find_by_name(static_cast<const char*>(name), flags);
        *static_cast<void**>(out) = found;
        if (status != nullptr) *static_cast<int*>(status) = found != nullptr ? 0 : 1;
        return found != nullptr ? kSuccess : kErrorInvalidValue;
    }
};

template <Entry kEntry, typename Name, typename Out, typename Flags, typename Status>
struct GetDriverEntryPoint {
    static Result call(Name name, Out out, Flags flags, Status status) {
        return GetProcAddress<kEntry, Name, Out, int, Flags, Status>::call(
            name, out, 0, flags, status);
    }
};

template <Entry kEntry>
struct SetDevice {
    static Result call(int device) {
        return enter<kEntry>([&] {
            if (device < 0 || device >= device_count()) return 101;
            current_context = contexts + device;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct BusId {
    static Result call(char* id, int bytes, int device) {
        return enter<kEntry>([&] {
            std::snprintf(id, static_cast<std::size_t>(bytes), "0000:%02x:00.0", device + 1);
            return kSuccess;
        });
    }
};

template <>
struct None<Entry::hipDriverGetVersion> : DriverVersion<Entry::hipDriverGetVersion> {};

template <>
struct None<Entry::hipRuntimeGetVersion> : DriverVersion<Entry::hipRuntimeGetVersion> {};

template <>
struct None<Entry::hipGetDeviceCount> : DeviceCount<Entry::hipGetDeviceCount> {};

template <>
struct None<Entry::hipDeviceGet> : DeviceGet<Entry::hipDeviceGet> {};

template <>
struct None<Entry::hipDeviceGetName> : DeviceName<Entry::hipDeviceGetName> {};

template <>
struct None<Entry::hipDeviceGetUuid> : DeviceUuid<Entry::hipDeviceGetUuid> {};

template <>
struct None<Entry::hipDeviceGetPCIBusId> : BusId<Entry::hipDeviceGetPCIBusId> {};

template <>
struct None<Entry::hipDeviceTotalMem> : DeviceMemory<Entry::hipDeviceTotalMem> {};

template <>
struct None<Entry::hipGetDevice> : CurrentDevice<Entry::hipGetDevice> {};

template <>
struct None<Entry::hipSetDevice> : SetDevice<Entry::hipSetDevice> {};

template <>
struct None<Entry::hipCtxSetCurrent> : SetContext<Entry::hipCtxSetCurrent> {};

template <>
struct None<Entry::hipCtxGetCurrent> : OutContext<Entry::hipCtxGetCurrent> {};

template <>
struct None<Entry::hipDevicePrimaryCtxRetain> : RetainContext<Entry::hipDevicePrimaryCtxRetain> {};

template <>
struct None<Entry::hipDeviceGetStreamPriorityRange>
    : PriorityRange<Entry::hipDeviceGetStreamPriorityRange> {};

template <>
struct None<Entry::hipModuleLoadData> : OutHandle<Entry::hipModuleLoadData> {};

template <>
struct None<Entry::hipModuleGetFunction> : OutFunction<Entry::hipModuleGetFunction> {};

template <>
struct None<Entry::hipMalloc> : Alloc<Entry::hipMalloc> {};

template <>
struct None<Entry::hipFree> : Free<Entry::hipFree> {};

template <>
struct None<Entry::hipHostRegister> : HostRegister<Entry::hipHostRegister> {};

template <>
struct None<Entry::hipHostUnregister> : HostUnregister<Entry::hipHostUnregister> {};

template <>
struct None<Entry::hipHostGetDevicePointer> : DevicePointer<Entry::hipHostGetDevicePointer> {};

template <>
struct None<Entry::hipStreamIsCapturing> : IsCapturing<Entry::hipStreamIsCapturing> {};

template <>
struct None<Entry::hipStreamIsCapturing_spt> : IsCapturing<Entry::hipStreamIsCapturing_spt> {};

template <>
struct None<Entry::hipStreamGetPriority> : StreamPriority<Entry::hipStreamGetPriority> {};

template <>
struct None<Entry::hipStreamWaitEvent> : WaitEvent<Entry::hipStreamWaitEvent> {};

template <>
struct None<Entry::hipEventCreate> : EventCreate<Entry::hipEventCreate> {};

template <>
struct None<Entry::hipEventCreateWithFlags> : EventCreate<Entry::hipEventCreateWithFlags> {};

template <>
struct None<Entry::hipEventElapsedTime> : ElapsedTime<Entry::hipEventElapsedTime> {};

template <>
struct None<Entry::hipGraphInstantiateWithFlags>
    : Instantiate<Entry::hipGraphInstantiateWithFlags> {};

template <>
struct None<Entry::hipGraphInstantiate> : Instantiate<Entry::hipGraphInstantiate> {};

template <>
struct None<Entry::hipStreamWriteValue32>
    : WriteValue<Entry::hipStreamWriteValue32, std::uint32_t> {};

}  // namespace headway::standin
