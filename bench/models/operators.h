// The operators of one pass of a model, timed one by one. Free of torch headers.
#pragma once

#include "bench/models/model.h"

#include <string>
#include <vector>

namespace headway::bench {

struct OperatorTime {
    std::string name;  // as LibTorch calls it: "aten::conv2d"
    double ms = 0;
};

// Runs one pass on the calling thread, which must be bound to the model, and waits for it. Returns
// each operator that the model's own code calls, in order; what operators call themselves counts
// for them. On a CPU the times are the clock's. On a GPU they are those between two events in the
// stream, hence also the time in which the GPU waits for the host: measure a large batch. Throws
// OutOfMemory, or Failure, also for a GPU with a LibTorch before 2.4, whose events tell no times.
std::vector<OperatorTime> time_operators(Model& model, const std::string& device);

}  // namespace headway::bench
