// headway.toml: programs by name.
//
//   [defaults]          options for all of them, `cwd` and a table `env`
//   [program.NAME]      `command` (an array of words, or a line for the shell) and the same
#pragma once

#include "base/status.h"
#include "cli/run/program.h"

#include <string>
#include <vector>

namespace headway::cli {

inline constexpr const char* kConfigName = "headway.toml";

// What is wrong with the file, in one line: "FILE:LINE:COLUMN: KEY: text". Empty: nothing.
struct ConfigError {
    std::string text;
};

// Reads the file into `out_programs`, in the order of the file. Paths in it are relative to its
// folder. May throw std::bad_alloc.
ConfigError read_config(const std::string& file, std::vector<Program>* out_programs);

}  // namespace headway::cli
