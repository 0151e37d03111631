// The names of the CUDA driver API that the shared tests of the shims speak of.
#pragma once

#include <set>
#include <string>

namespace headway::shim_test::api {

inline constexpr char kLibrary[] = "libcuda.so.1";
inline constexpr char kGetProcAddress[] = "cuGetProcAddress_v2";
inline constexpr char kInit[] = "cuInit";
inline constexpr char kLaunch[] = "cuLaunchKernel";
inline constexpr char kGraphLaunch[] = "cuGraphLaunch";
inline constexpr char kCopyIn[] = "cuMemcpyHtoD_v2";
inline constexpr char kCopyOut[] = "cuMemcpyDtoHAsync_v2";
inline constexpr char kMemset[] = "cuMemsetD32Async";
inline constexpr char kIsCapturing[] = "cuStreamIsCapturing";
inline constexpr char kStreamWithPriority[] = "cuStreamCreateWithPriority";

// What the installed library asks the driver of its own accord; none of it changes anything.
inline const std::set<std::string>& questions() {
    static const std::set<std::string> kAll{"cuStreamIsCapturing",
                                            "cuCtxGetDevice",
                                            "cuDeviceGet",
                                            "cuDeviceGetCount",
                                            "cuDeviceGetUuid",
                                            "cuDeviceGetUuid_v2",
                                            "cuCtxGetStreamPriorityRange"};
    return kAll;
}

}  // namespace headway::shim_test::api
