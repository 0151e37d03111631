// Streams that are confined to a part of a GPU: CUDA's green contexts. The source is
// green_context_cuda.cc where LibTorch has CUDA, else green_context_none.cc.
// What they are: docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__GREEN__CONTEXTS.html
#pragma once

#include <c10/core/Stream.h>

namespace headway::bench {

// A stream whose kernels run on `percent` % of the GPU's multiprocessors, rounded up to what it can
// be split into (8 on an H100 or H200), or with `rest` on those that this leaves. Each call with
// the same numbers gives the same stream, which lives as long as the process. The GPU's primary
// context must be there. Thread-safe. Throws Failure where the driver or the build has no green
// contexts (CUDA 12.5 is needed), or does not split this GPU.
c10::Stream green_stream(int gpu, int percent, bool rest);

}  // namespace headway::bench
