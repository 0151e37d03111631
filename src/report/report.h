// Turns a benchmark result into something to read. `headway report` and `headway-bench` share it.
// All functions are thread-safe, never throw, and treat the result's text as untrusted.
#pragma once

#include "base/status.h"
#include "report/result.h"

#include <string>

namespace headway::report {

// Plain text for a terminal, at most about 100 columns wide for ordinary names. UTF-8.
Result<std::string> render_table(const BenchResult& result) noexcept;

// GitHub-flavoured Markdown.
Result<std::string> render_markdown(const BenchResult& result) noexcept;

// One HTML page that needs nothing else, no network either. Reads Chart.js from the system: the
// path in HEADWAY_CHARTJS, or else where it was when this was built. Fails with one line if it
// isn't there.
Result<std::string> render_html(const BenchResult& result) noexcept;

// Writes `text` to `path` completely or not at all: a regular file is replaced in one step,
// anything else that exists (/dev/stdout, a pipe) is written to. Blocks on the disk. The message of
// a failure is one line without the path.
Status write_file(const std::string& path, const std::string& text) noexcept;

}  // namespace headway::report
