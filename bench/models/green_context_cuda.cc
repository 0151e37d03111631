// Built where LibTorch has CUDA and the toolkit's driver API has green contexts.
#include "bench/failure.h"
#include "bench/models/green_context.h"
#include "bench/process/cuda_driver.h"

#include <cuda.h>

#include <c10/cuda/CUDAStream.h>
#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

namespace headway::bench {
namespace {

struct Split {
    CUstream part;
    CUstream rest;
};

// Calls a function of the driver that is declared by cuda.h, which this program is not linked to.
template <typename Function, typename... Arguments>
void call(const char* name, Arguments... arguments) {
    auto* const function = cuda_driver_function<Function>(name);
    if (function == nullptr) {
        throw Failure(fmt::format("green contexts: the driver has no {}; CUDA 12.5 has", name));
    }
    const CUresult result = function(arguments...);
    if (result == CUDA_SUCCESS) return;
    throw Failure(fmt::format("green contexts: {} failed: CUDA error {}", name, int{result}));
}

CUstream stream_on(CUdevice device, CUdevResource* processors) {
    CUdevResourceDesc description{};
    call<decltype(cuDevResourceGenerateDesc)>(
        "cuDevResourceGenerateDesc", &description, processors, 1U);
    CUgreenCtx context = nullptr;
    const unsigned flags = CU_GREEN_CTX_DEFAULT_STREAM;
    call<decltype(cuGreenCtxCreate)>("cuGreenCtxCreate", &context, description, device, flags);
    CUstream stream = nullptr;
    const unsigned stream_flags = CU_STREAM_NON_BLOCKING;
    call<decltype(cuGreenCtxStreamCreate)>(
        "cuGreenCtxStreamCreate", &stream, context, stream_flags, 0);
    return stream;
}

Split split(int gpu, int percent) {
    CUdevice device = 0;
    call<decltype(cuDeviceGet)>("cuDeviceGet", &device, gpu);
    CUdevResource all{};
    call<decltype(cuDeviceGetDevResource)>(
        "cuDeviceGetDevResource", device, &all, CU_DEV_RESOURCE_TYPE_SM);
    CUdevResource part{};
    CUdevResource rest{};
    unsigned group_count = 1;
    const unsigned wanted = all.sm.smCount * static_cast<unsigned>(percent) / 100;
    call<decltype(cuDevSmResourceSplitByCount)>(
        "cuDevSmResourceSplitByCount", &part, &group_count, &all, &rest, 0U, wanted);
    if (group_count != 1 || rest.sm.smCount == 0) {
        throw Failure(
            fmt::format("green contexts: {} % of this GPU's {} multiprocessors leave none",
                        percent,
                        all.sm.smCount));
    }
    return {stream_on(device, &part), stream_on(device, &rest)};
}

}  // namespace

c10::Stream green_stream(int gpu, int percent, bool rest) {
    static std::mutex mutex;
    static std::map<std::pair<int, int>, Split> splits;
    const std::lock_guard guard(mutex);
    auto found = splits.find({gpu, percent});
    if (found == splits.end()) {
        found = splits.emplace(std::pair(gpu, percent), split(gpu, percent)).first;
    }
    const CUstream stream = rest ? found->second.rest : found->second.part;
    const auto index = static_cast<c10::DeviceIndex>(gpu);
    return c10::cuda::getStreamFromExternal(stream, index).unwrap();
}

}  // namespace headway::bench
