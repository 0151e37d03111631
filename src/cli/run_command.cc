#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run/config.h"
#include "cli/run/program.h"
#include "cli/run/supervise.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace headway::cli {
namespace {

int refuse(std::string_view text) {
    complain("run", text);
    return kExitBadArguments;
}

// What the command line says comes before what the file says.
void override_options(const RunOptions& options, Program* program) {
    for (const auto& [name, value] : options.variables) {
        program->options[name] = value;
    }
}

const Program* find_program(const std::vector<Program>& programs, const std::string& name) {
    const auto found = std::find_if(
        programs.begin(), programs.end(), [&](const Program& one) { return one.name == name; });
    return found == programs.end() ? nullptr : &*found;
}

std::string names_of(const std::vector<Program>& programs) {
    std::string names;
    for (const Program& program : programs) {
        names += (names.empty() ? "" : ", ") + program.name;
    }
    return names;
}

int start(Program program, const RunOptions& options) {
    override_options(options, &program);
    if (const Status status = check_together(program.options); !status.ok()) {
        return refuse(status.message());
    }
    Shims shims;
    if (const Status status = find_shims(&shims); !status.ok()) {
        complain("run", status.message());
        return kExitFailed;
    }
    return become(program, shims);
}

int start_all(std::vector<Program> programs, const RunOptions& options) {
    Shims shims;
    if (const Status status = find_shims(&shims); !status.ok()) {
        complain("run", status.message());
        return kExitFailed;
    }
    for (Program& program : programs) {
        override_options(options, &program);
        if (const Status status = check_together(program.options); !status.ok()) {
            return refuse(fmt::format("{}: {}", program.name, status.message()));
        }
    }
    return supervise(programs, shims);
}

// The program of that name, with the further words of the command line after its own.
int start_named(const Program& named, const RunOptions& options) {
    Program program = named;
    const bool is_shell_line =
        program.words.size() == 3 && program.words[0] == "/bin/sh" && program.words[1] == "-c";
    if (is_shell_line && options.program.size() > 1) {
        return refuse(fmt::format("{}: arguments can be added only to a command that is an array",
                                  program.name));
    }
    program.words.insert(program.words.end(), options.program.begin() + 1, options.program.end());
    return start(std::move(program), options);
}

// `headway run WORD` in a folder with a headway.toml that has a program of that name.
bool may_name_a_program(const RunOptions& options) {
    return options.config.empty() && options.may_be_name && options.program.size() == 1 &&
           options.program.front().find('/') == std::string::npos &&
           ::access(kConfigName, F_OK) == 0;
}

int run_configured(const RunOptions& options, bool name_is_certain) {
    const std::string file = options.config.empty() ? kConfigName : options.config;
    std::vector<Program> programs;
    if (const ConfigError error = read_config(file, &programs); !error.text.empty()) {
        return refuse(error.text);
    }
    if (options.all) return start_all(std::move(programs), options);
    const Program* const named = find_program(programs, options.program.front());
    if (named != nullptr) return start_named(*named, options);
    if (!name_is_certain) return start({"", options.program, {}, {}, ""}, options);
    return refuse(fmt::format(
        "{} has no program {}; it has {}", file, options.program.front(), names_of(programs)));
}

}  // namespace

int run_program(const RunOptions& options) {
    if (options.all && !options.program.empty()) {
        return refuse("--all takes no program's name: it starts them all");
    }
    if (options.all) return run_configured(options, true);
    if (options.program.empty()) {
        return refuse(options.config.empty()
                          ? "which program? see headway run --help"
                          : "which program of the file? give its name, or --all");
    }
    if (!options.config.empty()) return run_configured(options, true);
    if (may_name_a_program(options)) return run_configured(options, false);
    return start({"", options.program, {}, {}, ""}, options);
}

}  // namespace headway::cli
