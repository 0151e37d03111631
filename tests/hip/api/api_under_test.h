// The names of the HIP runtime API that the shared tests of the shims speak of.
#pragma once

#include <set>
#include <string>

namespace headway::shim_test::api {

inline constexpr char kLibrary[] = "libamdhip64.so.6";
inline constexpr char kGetProcAddress[] = "hipGetProcAddress";
inline constexpr char kInit[] = "hipInit";
inline constexpr char kLaunch[] = "hipModuleLaunchKernel";
inline constexpr char kGraphLaunch[] = "hipGraphLaunch";
inline constexpr char kCopyIn[] = "hipMemcpyHtoD";
inline constexpr char kCopyOut[] = "hipMemcpyDtoHAsync";
inline constexpr char kMemset[] = "hipMemsetD32Async";
inline constexpr char kIsCapturing[] = "hipStreamIsCapturing";
inline constexpr char kStreamWithPriority[] = "hipStreamCreateWithPriority";

// What the installed library asks the runtime of its own accord; none of it changes anything.
inline const std::set<std::string>& questions() {
    static const std::set<std::string> kAll{"hipStreamIsCapturing",
                                            "hipGetDevice",
                                            "hipDeviceGet",
                                            "hipGetDeviceCount",
                                            "hipDeviceGetUuid",
                                            "hipDeviceGetPCIBusId",
                                            "hipDeviceGetStreamPriorityRange"};
    return kAll;
}

}  // namespace headway::shim_test::api
