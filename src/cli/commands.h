// The commands of `headway`. Each does its work, prints to standard output, says failures in one
// line on standard error, and returns the exit status. Called once, from main, on the only thread.
#pragma once

#include <string>
#include <vector>

namespace headway::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadArguments = 2;

struct ReportOptions {
    std::string file;
    std::string format;  // table, markdown, html; "": from the name of the output, or a table
    std::string output;  // "": standard output
};

// Renders a result file.
int run_report(const ReportOptions& options);

// Replaces this process by headway-bench with the arguments; returns only if that fails. Without a
// benchmark's name in front, runs two-models.
int run_bench(const std::vector<std::string>& arguments);

// Shows the lanes on the boards of this user.
int run_status(bool as_json);

// Shows what this machine has and what Headway can do on it. Fails (1) if it can schedule nothing.
int run_doctor(bool as_json);

}  // namespace headway::cli
