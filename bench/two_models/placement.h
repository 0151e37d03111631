#pragma once

namespace headway::bench {

enum class Placement {
    kThreads,    // all models are threads of one process
    kProcesses,  // each model has a process of its own
};

}  // namespace headway::bench
