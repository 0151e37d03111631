#include "bench/load/continuous.h"

#include "base/clock.h"

namespace headway::bench {

ContinuousResult run_continuously(const MeasuredWindow& window,
                                  const std::function<void()>& iterate,
                                  const LoadEnd& end) {
    while (now_ns() < window.begin_ns)
        iterate();
    ContinuousResult result;
    const std::uint64_t begin_ns = now_ns();
    std::uint64_t end_ns = 0;
    do {
        iterate();
        ++result.iterations;
        end_ns = now_ns();
    } while (end_ns < window.end_ns);
    result.seconds = static_cast<double>(end_ns - begin_ns) / static_cast<double>(kNsPerS);
    end.measured();
    while (!end.reached.load(std::memory_order_relaxed))
        iterate();
    return result;
}

}  // namespace headway::bench
