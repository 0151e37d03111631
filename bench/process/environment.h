// The variables and the words of a program that is about to be started.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

using Variables = std::map<std::string, std::string>;

// This process's variables with `changes`, an object or null: a text is a value, null is none.
Variables changed_environment(const nlohmann::json& changes);

// Changes that take away every variable which decides about a program's lane, so that nothing is
// left to what this program was started with. Where boards and libraries are stays, and so does
// HEADWAY_DISABLE: its effect is noticed, and said.
nlohmann::json without_lane_variables();

// "NAME=VALUE" of each.
std::vector<std::string> entries_of(const Variables& variables);

// As execve() wants them: pointers into `texts`, which must outlive them, and a null.
std::vector<char*> exec_pointers(std::vector<std::string>& texts);

}  // namespace headway::bench
