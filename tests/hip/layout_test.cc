// The facts of driver_abi.h are those of HIP's own headers. Built only where there are some. What
// the installed headers do not have yet is checked only where they do.
#include "shim/hip/api/driver_abi.h"

#include <hip/hip_runtime_api.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace headway::gpu {
namespace {

static_assert(sizeof(hipError_t) == sizeof(Result));
static_assert(sizeof(hipStreamCaptureStatus) == sizeof(int));
// The enumerations that the table passes as U32.
static_assert(sizeof(hipMemcpyKind) == sizeof(abi::U32));
static_assert(sizeof(hipStreamCaptureMode) == sizeof(abi::U32));
static_assert(std::is_same_v<hipDevice_t, abi::I32>);
static_assert(std::is_same_v<hipDeviceptr_t, abi::Ptr>);

// Passed by value: the same size, the same alignment, and trivially copyable, which is what decides
// how the ABI passes them.
template <typename Ours, typename Theirs>
constexpr bool kPassedAlike =
    sizeof(Ours) == sizeof(Theirs) && alignof(Ours) == alignof(Theirs) &&
    std::is_trivially_copyable_v<Ours>&& std::is_trivially_copyable_v<
        Theirs>&& std::is_standard_layout_v<Ours>&& std::is_standard_layout_v<Theirs>;
static_assert(kPassedAlike<abi::Dim3, dim3>);
static_assert(kPassedAlike<abi::Pitched, hipPitchedPtr>);
static_assert(kPassedAlike<abi::Extent, hipExtent>);
// Location is a number here, and so passed in one register, as a structure of two ints is.
static_assert(sizeof(abi::Location) == sizeof(hipMemLocation));
static_assert(std::is_trivially_copyable_v<hipMemLocation>);
static_assert(offsetof(abi::Dim3, x) == offsetof(dim3, x));
static_assert(offsetof(abi::Dim3, y) == offsetof(dim3, y));
static_assert(offsetof(abi::Dim3, z) == offsetof(dim3, z));
static_assert(offsetof(abi::Pitched, data) == offsetof(hipPitchedPtr, ptr));
static_assert(offsetof(abi::Pitched, width) == offsetof(hipPitchedPtr, xsize));
static_assert(offsetof(abi::Pitched, height) == offsetof(hipPitchedPtr, ysize));
static_assert(offsetof(abi::Extent, depth) == offsetof(hipExtent, depth));

static_assert(sizeof(LaunchParams) == sizeof(hipLaunchParams));
static_assert(offsetof(LaunchParams, function) == offsetof(hipLaunchParams, func));
static_assert(offsetof(LaunchParams, grid) == offsetof(hipLaunchParams, gridDim));
static_assert(offsetof(LaunchParams, block) == offsetof(hipLaunchParams, blockDim));
static_assert(offsetof(LaunchParams, parameters) == offsetof(hipLaunchParams, args));
static_assert(offsetof(LaunchParams, shared_bytes) == offsetof(hipLaunchParams, sharedMem));
static_assert(sizeof(LaunchParams::shared_bytes) == sizeof(hipLaunchParams::sharedMem));
static_assert(offsetof(LaunchParams, stream) == offsetof(hipLaunchParams, stream));

#if HIP_VERSION_MAJOR > 5 || (HIP_VERSION_MAJOR == 5 && HIP_VERSION_MINOR >= 5)
using Theirs = hipFunctionLaunchParams;
static_assert(sizeof(FunctionLaunchParams) == sizeof(Theirs));
static_assert(offsetof(FunctionLaunchParams, function) == offsetof(Theirs, function));
static_assert(offsetof(FunctionLaunchParams, grid) == offsetof(Theirs, gridDimX));
static_assert(offsetof(FunctionLaunchParams, block) == offsetof(Theirs, blockDimX));
static_assert(offsetof(FunctionLaunchParams, shared_bytes) == offsetof(Theirs, sharedMemBytes));
static_assert(offsetof(FunctionLaunchParams, stream) == offsetof(Theirs, hStream));
#endif
#if HIP_VERSION_MAJOR >= 7
static_assert(offsetof(LaunchConfig, grid) == offsetof(hipLaunchConfig_t, gridDim));
static_assert(offsetof(LaunchConfig, block) == offsetof(hipLaunchConfig_t, blockDim));
static_assert(offsetof(LaunchConfig, shared_bytes) ==
              offsetof(hipLaunchConfig_t, dynamicSmemBytes));
static_assert(sizeof(LaunchConfig::shared_bytes) == sizeof(hipLaunchConfig_t::dynamicSmemBytes));
static_assert(offsetof(LaunchConfig, stream) == offsetof(hipLaunchConfig_t, stream));
static_assert(offsetof(DriverLaunchConfig, grid) == offsetof(HIP_LAUNCH_CONFIG, gridDimX));
static_assert(offsetof(DriverLaunchConfig, block) == offsetof(HIP_LAUNCH_CONFIG, blockDimX));
static_assert(offsetof(DriverLaunchConfig, shared_bytes) ==
              offsetof(HIP_LAUNCH_CONFIG, sharedMemBytes));
static_assert(offsetof(DriverLaunchConfig, stream) == offsetof(HIP_LAUNCH_CONFIG, hStream));
#endif

// What Headway itself calls.
static_assert(std::is_same_v<decltype(&hipStreamWriteValue32),
                             hipError_t (*)(hipStream_t, void*, std::uint32_t, unsigned int)>);
static_assert(
    std::is_same_v<decltype(&hipHostRegister), hipError_t (*)(void*, std::size_t, unsigned int)>);
static_assert(std::is_same_v<decltype(&hipHostUnregister), hipError_t (*)(void*)>);
static_assert(std::is_same_v<decltype(&hipHostGetDevicePointer),
                             hipError_t (*)(void**, void*, unsigned int)>);
static_assert(std::is_same_v<decltype(&hipDeviceGetUuid), hipError_t (*)(hipUUID*, hipDevice_t)>);
static_assert(sizeof(hipUUID) == 16);
static_assert(std::is_same_v<decltype(&hipDeviceGetPCIBusId), hipError_t (*)(char*, int, int)>);
static_assert(
    std::is_same_v<decltype(&hipDeviceGetStreamPriorityRange), hipError_t (*)(int*, int*)>);
static_assert(std::is_same_v<decltype(&hipStreamGetPriority), hipError_t (*)(hipStream_t, int*)>);
static_assert(std::is_same_v<decltype(&hipStreamIsCapturing),
                             hipError_t (*)(hipStream_t, hipStreamCaptureStatus*)>);
static_assert(std::is_same_v<decltype(&hipStreamCreateWithPriority),
                             hipError_t (*)(hipStream_t*, unsigned int, int)>);

TEST(HipLayout, ConstantsAreTheHeaders) {
    EXPECT_EQ(static_cast<int>(hipSuccess), kSuccess);
    EXPECT_EQ(static_cast<int>(hipErrorInvalidValue), kErrorInvalidValue);
    EXPECT_EQ(static_cast<int>(hipErrorNotInitialized), kErrorNotInitialized);
    EXPECT_EQ(static_cast<int>(hipErrorNoDevice), kErrorNoDevice);
    EXPECT_EQ(static_cast<int>(hipErrorNotFound), kErrorNotFound);
    EXPECT_EQ(static_cast<int>(hipErrorNotReady), kErrorNotReady);
    EXPECT_EQ(static_cast<int>(hipErrorContextIsDestroyed), kErrorContextDestroyed);
    EXPECT_EQ(static_cast<int>(hipErrorHostMemoryAlreadyRegistered), kErrorAlreadyRegistered);
    EXPECT_EQ(static_cast<int>(hipErrorNotSupported), kErrorNotSupported);
    EXPECT_EQ(static_cast<int>(hipStreamCaptureStatusNone), kCaptureNone);
    EXPECT_EQ(static_cast<std::uint32_t>(hipStreamDefault), kStreamDefault);
    EXPECT_EQ(static_cast<std::uint32_t>(hipHostRegisterPortable), kHostRegisterPortable);
    EXPECT_EQ(static_cast<std::uint32_t>(hipHostRegisterMapped), kHostRegisterMapped);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(hipStreamPerThread), kPerThreadStream);
#ifdef hipStreamLegacy
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(hipStreamLegacy), kLegacyStream);
#endif
#ifdef HIP_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM
    EXPECT_EQ(static_cast<std::uint64_t>(HIP_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM),
              kPerThreadStreamFlag);
#endif
}

// The structures by value arrive as they were sent: the compiler's word for it, not only the sizes.
std::uint64_t sum_ours(abi::Dim3 grid, abi::Pitched memory, abi::I32 value, abi::Extent extent) {
    const std::uint64_t number = static_cast<std::uint32_t>(value);
    return grid.x + grid.y * 10ULL + grid.z * 100ULL + memory.pitch * 1000ULL +
           memory.height * 10000ULL + number * 100000ULL + extent.width * 1000000ULL +
           extent.depth * 10000000ULL;
}

TEST(HipLayout, StructuresByValueArriveAsTheyWereSent) {
    using TheirCall = std::uint64_t (*)(dim3, hipPitchedPtr, int, hipExtent);
    // Through a pointer that the compiler cannot see through, as the loader's are.
    auto* volatile hidden = reinterpret_cast<void*>(&sum_ours);
    auto* const call = reinterpret_cast<TheirCall>(hidden);
    hipPitchedPtr memory{};
    memory.pitch = 4;
    memory.ysize = 5;
    hipExtent extent{};
    extent.width = 7;
    extent.depth = 8;
    EXPECT_EQ(call(dim3(1, 2, 3), memory, 6, extent), 87654321ULL);
}

}  // namespace
}  // namespace headway::gpu
