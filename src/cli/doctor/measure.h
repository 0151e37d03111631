// `headway doctor --measure`: how soon this machine's GPU takes a running kernel off.
#pragma once

#include "cli/doctor/doctor.h"

namespace headway::doctor {

// Runs the preemption benchmark of headway-bench for about ten seconds and adds what it found to
// the examination, as a section and as numbers. `bench` is its path or name. Blocks for at most two
// minutes; a Ctrl-C ends the benchmark and this process.
void measure_preemption(const std::string& bench, Examination& examination);

}  // namespace headway::doctor
