// The commands of `headway`. Each does its work, prints to standard output, says failures in one
// line on standard error, and returns the exit status. Called once, from main, on the only thread.
#pragma once

#include <optional>
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

// How `run` starts a program. An option that is not given is inherited from the environment.
struct RunOptions {
    std::optional<int> priority;
    std::optional<int> threshold;
    std::optional<int> batch_size;
    std::optional<int> budget_us;
    std::optional<int> linger_us;
    std::optional<int> max_hold_ms;
    std::string name;
    bool stats = false;
    std::vector<std::string> program;  // and its arguments; not empty
};

// Replaces this process by the program, with the CUDA shim in front of the driver; returns only if
// that fails: 127 if there is no such program, 126 if it can't be started.
int run_program(const RunOptions& options);

// Shows the lanes on the boards of this user.
int run_status(bool as_json);

// Shows what this machine has and what Headway can do on it. Fails (1) if it can schedule nothing.
int run_doctor(bool as_json);

}  // namespace headway::cli
