// The end of every benchmark command.
#pragma once

#include "bench/result/outcome.h"
#include "bench/result/outputs.h"

namespace headway::bench {

// Writes the files and the table, says on standard error if the run is not complete, and returns
// the exit code. A run in which nothing finished overwrites no file. Throws Failure if a file can't
// be written.
int finish(const OutputPaths& paths, const RunOutcome& outcome);

}  // namespace headway::bench
