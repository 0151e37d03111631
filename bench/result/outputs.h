// The files that a run is asked to write: JSON, HTML and Markdown, and the table on standard
// output.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

struct OutputPaths {
    std::string json;  // "" = not wanted
    std::string html;
    std::string markdown;
};

// Adds --json, --html and --markdown, written into `paths`, which must outlive the parse.
void add_output_options(CLI::App& app, OutputPaths& paths);

// Before a run: finds out that a file can't be written, or a page not be made, without touching
// anything. Throws Failure(kExitBadArguments).
void check_outputs(const OutputPaths& paths);

// Writes every file that was asked for, each completely or not at all, then the table. The result
// goes through the same reader as `headway report`. Throws Failure, after trying all of them.
void write_outputs(const OutputPaths& paths, const nlohmann::json& result);

}  // namespace headway::bench
