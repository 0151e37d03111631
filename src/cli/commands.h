// The commands of `headway`. Each does its work, prints to standard output, says failures in one
// line on standard error, and returns the exit status. Called once, from main, on the only thread.
#pragma once

#include <map>
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

// How `run` starts a program.
struct RunOptions {
    std::map<std::string, std::string> variables;  // the options given, as HEADWAY_* variables
    std::string config;                            // "": none given
    bool all = false;                              // every program of the configuration
    bool may_be_name = false;          // the words did not follow "--": one may be a program's name
    std::vector<std::string> program;  // and its arguments, or a name from the configuration
};

// Replaces this process by the program, with the CUDA shim in front of the driver; returns only if
// that fails: 127 if there is no such program, 126 if it can't be started. With `all` it starts
// every program of the configuration, waits for them, and returns the status of the first that
// failed.
int run_program(const RunOptions& options);

// Shows the lanes on the boards of this user.
int run_status(bool as_json);

struct TopOptions {
    double interval_s = 1;
    bool once = false;
    std::string sort = "priority";  // or launches, hold, name
};

// Shows the lanes and their rates on the terminal until q is pressed; with `once`, prints them.
int run_top(const TopOptions& options);

struct TraceOptions {
    std::string output;
    std::string device;     // its board's name or the beginning of it; "": the only one
    double duration_s = 0;  // 0: until a signal comes
};

// Records what the lanes of a device do, and writes it for Perfetto.
int run_trace(const TraceOptions& options);

struct DoctorOptions {
    bool json = false;
    bool measure = false;  // the GPU's preemption latency too
};

// Shows what this machine has and what Headway can do on it. Fails (1) if it can schedule nothing.
int run_doctor(const DoctorOptions& options);

}  // namespace headway::cli
