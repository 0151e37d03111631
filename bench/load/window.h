// The stretch of time that counts, on the clock of base/clock.h.
#pragma once

#include <cstdint>

namespace headway::bench {

struct MeasuredWindow {
    std::uint64_t begin_ns = 0;
    std::uint64_t end_ns = 0;
};

}  // namespace headway::bench
