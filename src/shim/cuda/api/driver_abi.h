// The facts of the CUDA driver's binary interface that the shim relies on. Not a copy of cuda.h:
// handles are opaque, only what a hook reads has a type, and tests/shim checks all of it against a
// toolkit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headway::gpu {

// The API in messages, and in the names of devices ("cuda:0").
inline constexpr char kApiName[] = "CUDA";
inline constexpr char kDeviceKind[] = "cuda";

// The name under which libheadway finds the lanes of this library (capi/implementation.h).
#define HEADWAY_API_GETTER headway_cuda_api

// Whether a program's first launch starts the driver, if nothing has before. CUDA's wants cuInit.
inline constexpr bool kStartsByItself = false;

// True for the form of a function that takes stream 0 as the calling thread's own default stream.
inline constexpr bool is_per_thread(std::string_view symbol) noexcept {
    return symbol.size() > 5 && (symbol.substr(symbol.size() - 5) == "_ptsz" ||
                                 symbol.substr(symbol.size() - 5) == "_ptds");
}

// The name that cuGetProcAddress is asked for: without _ptsz or _ptds, and then without _v2 to _v9.
inline constexpr std::string_view base_name(std::string_view symbol) noexcept {
    if (is_per_thread(symbol)) symbol.remove_suffix(5);
    const std::size_t size = symbol.size();
    if (size > 3 && symbol[size - 3] == '_' && symbol[size - 2] == 'v') symbol.remove_suffix(3);
    return symbol;
}

// CUresult. Every driver function of the table returns one.
using Result = int;
inline constexpr Result kSuccess = 0;
inline constexpr Result kErrorNotInitialized = 3;
inline constexpr Result kErrorNoDevice = 100;
inline constexpr Result kErrorNotFound = 500;
inline constexpr Result kErrorNotReady = 600;
inline constexpr Result kErrorAlreadyRegistered = 712;
inline constexpr Result kErrorNotSupported = 801;

// cuGetProcAddress: the flag that asks for the per-thread default stream's form of a function.
inline constexpr std::uint64_t kPerThreadStreamFlag = 2;

// The handles that name the default streams: cuda's CU_STREAM_LEGACY and CU_STREAM_PER_THREAD.
inline constexpr std::uintptr_t kLegacyStream = 1;
inline constexpr std::uintptr_t kPerThreadStream = 2;

// CUstreamCaptureStatus: not capturing.
inline constexpr int kCaptureNone = 0;

// The type words of driver_api.tbl. Stream, Func, Event, Context and Bytes have types of their own,
// so that a hook finds them among its arguments.
namespace abi {
struct StreamTag;
struct FuncTag;
struct EventTag;
struct ContextTag;
using Stream = StreamTag*;
using Func = FuncTag*;  // CUfunction or CUgraphExec: what is launched
using Event = EventTag*;
using Context = ContextTag*;
using Ptr = void*;  // any other pointer or handle
using DevPtr = std::uint64_t;
using DevPtr32 = std::uint32_t;  // device addresses before CUDA 3.2
using U8 = std::uint8_t;
using U16 = std::uint16_t;
using U32 = std::uint32_t;
using I32 = std::int32_t;
using U64 = std::uint64_t;
using Location = std::uint64_t;  // CUmemLocation, two ints: passed by value in one register
enum class Bytes : std::uint64_t {};
enum class Bytes32 : std::uint32_t {};
}  // namespace abi

// CUlaunchConfig, up to the stream.
struct LaunchConfig {
    std::uint32_t grid[3];
    std::uint32_t block[3];
    std::uint32_t shared_bytes;
    abi::Stream stream;
};

// One element of the array that cuLaunchCooperativeKernelMultiDevice takes (CUDA_LAUNCH_PARAMS).
struct LaunchParams {
    abi::Func function;
    std::uint32_t grid[3];
    std::uint32_t block[3];
    std::uint32_t shared_bytes;
    abi::Stream stream;
    void** parameters;
};

}  // namespace headway::gpu
