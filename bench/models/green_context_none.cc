#include "bench/failure.h"
#include "bench/models/green_context.h"

namespace headway::bench {

c10::Stream green_stream(int, int, bool) {
    throw Failure("this program was built with a LibTorch without CUDA, or a toolkit before 12.5");
}

}  // namespace headway::bench
