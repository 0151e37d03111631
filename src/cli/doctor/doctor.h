// `headway doctor`: what this machine has, and what follows for Headway. Reads the system, changes
// nothing on it; loads foreign libraries only in child processes, so that a broken one can't end
// it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace headway::doctor {

enum class State {
    kOk,
    kNote,     // worth knowing, nothing is wrong
    kMissing,  // not there, so something can't be done here
    kProblem,  // wrong, and the remedy says what to do
};

struct Finding {
    std::string subject;
    State state = State::kOk;
    std::string text;    // one line
    std::string remedy;  // one line, or ""
};

struct Section {
    std::string title;
    std::vector<Finding> findings;
};

struct Examination {
    std::vector<Section> sections;
    bool can_schedule = false;
    std::map<std::string, double> measured;  // numbers of --measure, by name, with their unit
};

// Examines this machine. Blocks for as long as loading the GPU driver takes, at most 20 seconds.
Examination examine();

std::string as_text(const Examination& examination);
std::string as_json(const Examination& examination);

}  // namespace headway::doctor
