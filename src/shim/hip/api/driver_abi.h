// The facts of libamdhip64's binary interface that the shim relies on. Not a copy of HIP's headers:
// handles are opaque, only what a hook reads has a type. tests/hip checks it against the headers of
// HIP 5.2; what came later is marked with where it is from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headway::gpu {

// The API in messages, and in the names of devices ("hip:0").
inline constexpr char kApiName[] = "HIP";
inline constexpr char kDeviceKind[] = "hip";

// The name under which libheadway finds the lanes of this library (capi/implementation.h).
#define HEADWAY_API_GETTER headway_hip_api

// Whether a program's first launch starts the runtime, if nothing has before: few programs call
// hipInit. What only asks for devices does not count, so that a program may fork after that.
inline constexpr bool kStartsByItself = true;

// True for the form of a function that takes stream 0 as the calling thread's own default stream.
inline constexpr bool is_per_thread(std::string_view symbol) noexcept {
    return symbol.size() > 4 && symbol.substr(symbol.size() - 4) == "_spt";
}

// The name that hipGetProcAddress is asked for: without _spt. Unlike CUDA's, _v2 is a part of it.
inline constexpr std::string_view base_name(std::string_view symbol) noexcept {
    if (is_per_thread(symbol)) symbol.remove_suffix(4);
    return symbol;
}

// hipError_t. Every hooked function of the table returns one.
using Result = int;
inline constexpr Result kSuccess = 0;
inline constexpr Result kErrorInvalidValue = 1;
inline constexpr Result kErrorNotInitialized = 3;
inline constexpr Result kErrorNoDevice = 100;
inline constexpr Result kErrorNotFound = 500;
inline constexpr Result kErrorNotReady = 600;
inline constexpr Result kErrorContextDestroyed = 709;
inline constexpr Result kErrorAlreadyRegistered = 712;
inline constexpr Result kErrorNotSupported = 801;

// hipGetProcAddress: the flag that asks for the _spt form of a function. HIP 7.2 has it as
// HIP_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM; HIP 6.1 to 7.1 ignore the flags.
inline constexpr std::uint64_t kPerThreadStreamFlag = 2;
// hipGetProcAddress: from this version on hipGetDeviceProperties and hipChooseDevice mean the
// functions with R0600 at the end of the name (HIP 6.1's hip_device.cpp). Other functions do not
// depend on the version.
inline constexpr int kR0600Version = 600;

// The handles that name the default streams: hipStreamLegacy, which HIP has since 6.2, and
// hipStreamPerThread.
inline constexpr std::uintptr_t kLegacyStream = 1;
inline constexpr std::uintptr_t kPerThreadStream = 2;

// hipStreamCaptureStatus: not capturing.
inline constexpr int kCaptureNone = 0;

// hipStreamCreateWithFlags: what hipStreamCreate creates.
inline constexpr std::uint32_t kStreamDefault = 0;

// hipHostRegister.
inline constexpr std::uint32_t kHostRegisterPortable = 1;
inline constexpr std::uint32_t kHostRegisterMapped = 2;

// The type words of driver_api.tbl. Stream, Func, Event, Context and Bytes have types of their own,
// so that a hook finds them among its arguments.
namespace abi {
struct StreamTag;
struct FuncTag;
struct EventTag;
struct ContextTag;
using Stream = StreamTag*;
using Func = FuncTag*;  // hipFunction_t, a kernel's address or hipGraphExec_t: what is launched
using Event = EventTag*;
using Context = ContextTag*;
using Ptr = void*;  // any other pointer or handle, device addresses too
using U8 = std::uint8_t;
using U16 = std::uint16_t;
using U32 = std::uint32_t;
using I32 = std::int32_t;
using U64 = std::uint64_t;
using Location = std::uint64_t;  // hipMemLocation, two ints: passed by value in one register
enum class Bytes : std::uint64_t {};

// dim3, hipPitchedPtr and hipExtent, passed by value.
struct Dim3 {
    std::uint32_t x;
    std::uint32_t y;
    std::uint32_t z;
};

struct Pitched {
    void* data;
    std::size_t pitch;
    std::size_t width;
    std::size_t height;
};

struct Extent {
    std::size_t width;
    std::size_t height;
    std::size_t depth;
};
}  // namespace abi

// One element of the array that hipLaunchCooperativeKernelMultiDevice and
// hipExtLaunchMultiKernelMultiDevice take (hipLaunchParams).
struct LaunchParams {
    abi::Func function;
    std::uint32_t grid[3];
    std::uint32_t block[3];
    void** parameters;
    std::size_t shared_bytes;
    abi::Stream stream;
};

// One element of the array that hipModuleLaunchCooperativeKernelMultiDevice takes
// (hipFunctionLaunchParams, HIP 5.5's hip_runtime_api.h).
struct FunctionLaunchParams {
    abi::Func function;
    std::uint32_t grid[3];
    std::uint32_t block[3];
    std::uint32_t shared_bytes;
    abi::Stream stream;
    void** parameters;
};

// hipLaunchConfig_t up to the stream, as hipLaunchKernelExC takes it (HIP 7.0's hip_runtime_api.h;
// LLVM's InstrProfilingPlatformROCm.c reads the same layout).
struct LaunchConfig {
    std::uint32_t grid[3];
    std::uint32_t block[3];
    std::size_t shared_bytes;
    abi::Stream stream;
};

// HIP_LAUNCH_CONFIG up to the stream, as hipDrvLaunchKernelEx takes it (HIP 7.0's
// hip_runtime_api.h; IREE declares the same layout).
struct DriverLaunchConfig {
    std::uint32_t grid[3];
    std::uint32_t block[3];
    std::uint32_t shared_bytes;
    abi::Stream stream;
};

}  // namespace headway::gpu
