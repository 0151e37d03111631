// The parts of an examination. Internal to the doctor.
#pragma once

#include "cli/doctor/doctor.h"

namespace headway::doctor {

Section examine_machine();
Section examine_boards();
Section examine_environment();
Section examine_torch();
Section examine_gpu();

// What can and can't be done, from what the other sections found.
Section conclude(const std::vector<Section>& sections);

// True if the section has a finding of that state.
bool has_state(const Section& section, State state);

}  // namespace headway::doctor
