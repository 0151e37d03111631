// The plotting library that goes into every HTML report. Internal to the report library.
#pragma once

#include "base/status.h"

#include <string>

namespace headway::report {

// The text of Chart.js (3 or 4, as one plain script), ready to stand inside a <script> element.
// Reads the path in HEADWAY_CHARTJS, or else where it was when this was built. Blocks on the disk.
Result<std::string> load_chartjs();

}  // namespace headway::report
