// The parts of an examination. Internal to the doctor.
#pragma once

#include "board/inspect.h"
#include "cli/doctor/doctor.h"

#include <string>
#include <vector>

namespace headway::doctor {

Section examine_machine();
Section examine_boards();
Section examine_environment();
Section examine_torch();
Section examine_gpu();
Section examine_opencl();

// Which of the functions of the driver in this file Headway knows and hooks, and whether its
// timeslices can be set. Reads the file, does not load it.
std::vector<Finding> examine_coverage(const std::string& driver_path);

// One finding a lane: what it does now, and why it may do less than it should.
std::vector<Finding> examine_lanes(const board::BoardInfo& board);

// What can and can't be done, from what the other sections found.
Section conclude(const std::vector<Section>& sections);

// True if the section has a finding of that state.
bool has_state(const Section& section, State state);

}  // namespace headway::doctor
