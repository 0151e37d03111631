// From checked JSON to a BenchResult. Internal to the report library.
#pragma once

#include "report/fields.h"
#include "report/result.h"

namespace headway::report {

// Interprets a whole document. Fails with one line that names the first field that does not fit.
// May throw what the JSON library throws (out of memory); parse_result() catches it.
Result<BenchResult> interpret(const Json& document);

}  // namespace headway::report
