// HEADWAY_* in the environment.
#include "cli/doctor/sections.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace headway::doctor {
namespace {

struct Variable {
    const char* name;
    const char* meaning;
    bool is_switch;
};

// A variable that a program of this version reads must be here; tests/cli checks it.
constexpr std::array<Variable, 18> kVariables = {{
    {"HEADWAY_DISABLE", "turns all scheduling off", true},
    {"HEADWAY_BOARD_DIR", "the folder of the boards", false},
    {"HEADWAY_CHARTJS", "Chart.js for HTML reports", false},
    {"HEADWAY_PRIORITY", "priority of a program's lanes on a GPU", false},
    {"HEADWAY_THRESHOLD", "most unfinished commands of such a lane", false},
    {"HEADWAY_BATCH_SIZE", "its commands between two markers", false},
    {"HEADWAY_BUDGET_US", "its most unfinished predicted work", false},
    {"HEADWAY_LINGER_US", "how long it counts as busy after its last activity", false},
    {"HEADWAY_MAX_HOLD_MS", "its longest single hold", false},
    {"HEADWAY_TIMESLICE_US", "its timeslice on the GPU beside a higher program", false},
    {"HEADWAY_NAME", "its name in headway status", false},
    {"HEADWAY_STATS", "one line per lane when the program ends", true},
    {"HEADWAY_LIBRARY", "the Python package's libheadway.so.0, or its folder", false},
    {"HEADWAY_TORCH", "whether headway run gates PyTorch's operators on the CPU", false},
    {"HEADWAY_CUDA_DRIVER", "the CUDA driver's file, where it is not found", false},
    {"HEADWAY_HIP_RUNTIME", "the HIP runtime's file, where several are loaded", false},
    {"HEADWAY_OPENCL_PRELOAD",
     "headway run preloads a library for OpenCL loaders without layers",
     true},
    {"HEADWAY_AMD_LEVEL3", "queue control on AMD GPUs; untested on hardware", false},
}};

const Variable* find_variable(const std::string& name) {
    for (const Variable& variable : kVariables) {
        if (name == variable.name) return &variable;
    }
    return nullptr;
}

// The environment may hold anything, and this goes to a terminal.
std::string shown(const std::string& value) {
    std::string text;
    for (const char c : value.substr(0, 200)) {
        text += c >= ' ' && c <= '~' ? c : '?';
    }
    return text;
}

Finding examine_switch(const Variable& variable, const std::string& value) {
    for (const char* on : {"1", "true", "yes", "on"}) {
        if (value == on) {
            return {
                variable.name, State::kNote, fmt::format("{}: {}", value, variable.meaning), ""};
        }
    }
    for (const char* off : {"", "0", "false", "no", "off"}) {
        if (value == off) return {variable.name, State::kOk, "off", ""};
    }
    return {variable.name,
            State::kProblem,
            fmt::format(
                "\"{}\" has no effect: it {} only when set to 1", shown(value), variable.meaning),
            "set it to 1 or unset it"};
}

Finding examine_variable(const std::string& name, const std::string& value) {
    const Variable* variable = find_variable(name);
    if (variable == nullptr) {
        return {shown(name), State::kProblem, "no variable of this version", "check its spelling"};
    }
    if (variable->is_switch) return examine_switch(*variable, value);
    return {name, State::kNote, fmt::format("{} ({})", shown(value), variable->meaning), ""};
}

}  // namespace

Section examine_environment() {
    Section section{"Environment", {}};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (std::strncmp(*entry, "HEADWAY_", 8) != 0) continue;
        const std::string text = *entry;
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) continue;
        section.findings.push_back(
            examine_variable(text.substr(0, equals), text.substr(equals + 1)));
    }
    if (section.findings.empty()) {
        section.findings.push_back({"HEADWAY_*", State::kOk, "none set", ""});
    }
    return section;
}

}  // namespace headway::doctor
