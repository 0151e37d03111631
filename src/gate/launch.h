// One piece of work on its way to the driver.
#pragma once

#include "device/device.h"

#include <cstdint>

namespace headway::gate {

struct Launch {
    // What the cost model knows the work by: equal keys take about equal time. For a kernel a hash
    // of function, grid, block and shared memory. 0: not to be learned, counts as unknown.
    std::uint64_t key = 0;
    device::StreamHandle stream = 0;
    // The call returns when the work is done, so it never counts in the window.
    bool blocking = false;
};

}  // namespace headway::gate
