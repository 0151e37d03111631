// The structures of abi.h are those of the toolkit's cuda.h. Built only where there is one.
#include "driver_abi.h"

#include <cuda.h>

#include <gtest/gtest.h>

#include <cstddef>

namespace headway::gpu {
namespace {

static_assert(offsetof(LaunchConfig, grid) == offsetof(CUlaunchConfig, gridDimX));
static_assert(offsetof(LaunchConfig, block) == offsetof(CUlaunchConfig, blockDimX));
static_assert(offsetof(LaunchConfig, shared_bytes) == offsetof(CUlaunchConfig, sharedMemBytes));
static_assert(offsetof(LaunchConfig, stream) == offsetof(CUlaunchConfig, hStream));
static_assert(sizeof(LaunchParams) == sizeof(CUDA_LAUNCH_PARAMS));
static_assert(offsetof(LaunchParams, function) == offsetof(CUDA_LAUNCH_PARAMS, function));
static_assert(offsetof(LaunchParams, grid) == offsetof(CUDA_LAUNCH_PARAMS, gridDimX));
static_assert(offsetof(LaunchParams, block) == offsetof(CUDA_LAUNCH_PARAMS, blockDimX));
static_assert(offsetof(LaunchParams, shared_bytes) == offsetof(CUDA_LAUNCH_PARAMS, sharedMemBytes));
static_assert(offsetof(LaunchParams, stream) == offsetof(CUDA_LAUNCH_PARAMS, hStream));
static_assert(sizeof(CUdeviceptr) == sizeof(abi::DevPtr));
static_assert(sizeof(CUmemLocation) == sizeof(abi::Location));
static_assert(sizeof(CUresult) == sizeof(Result));
static_assert(sizeof(CUstreamCaptureStatus) == sizeof(int));

TEST(ToolkitLayout, ConstantsAreTheToolkits) {
    EXPECT_EQ(static_cast<int>(CUDA_SUCCESS), kSuccess);
    EXPECT_EQ(static_cast<int>(CUDA_ERROR_NOT_INITIALIZED), kErrorNotInitialized);
    EXPECT_EQ(static_cast<int>(CUDA_ERROR_NO_DEVICE), kErrorNoDevice);
    EXPECT_EQ(static_cast<int>(CUDA_ERROR_NOT_FOUND), kErrorNotFound);
    EXPECT_EQ(static_cast<int>(CUDA_ERROR_NOT_READY), kErrorNotReady);
    EXPECT_EQ(static_cast<int>(CUDA_ERROR_NOT_SUPPORTED), kErrorNotSupported);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(CU_STREAM_LEGACY), kLegacyStream);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(CU_STREAM_PER_THREAD), kPerThreadStream);
    EXPECT_EQ(static_cast<int>(CU_STREAM_CAPTURE_STATUS_NONE), kCaptureNone);
    EXPECT_EQ(static_cast<std::uint64_t>(CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM),
              kPerThreadStreamFlag);
}

}  // namespace
}  // namespace headway::gpu
