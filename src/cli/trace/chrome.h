// A trace in the JSON form that Perfetto (ui.perfetto.dev) and Chrome's chrome://tracing read.
#pragma once

#include "base/status.h"
#include "cli/trace/recorder.h"

#include <cstdio>

namespace headway::cli {

// Writes the trace to `file`: one process per lane, with rows for what it ran, held and waited for,
// and a counter of its launches. Times are microseconds since the trace began. Errors:
// kUnavailable (the file could not be written). May throw std::bad_alloc.
Status write_chrome_trace(const Trace& trace, std::FILE* file);

}  // namespace headway::cli
