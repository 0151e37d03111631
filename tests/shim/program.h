// The arguments of the victim program that takes these steps (victims/program.c).
#pragma once

#include <string>
#include <vector>

namespace headway::shim_test {

inline std::vector<std::string> program(const std::vector<std::string>& steps) {
    std::vector<std::string> argv{HEADWAY_PROGRAM};
    argv.insert(argv.end(), steps.begin(), steps.end());
    return argv;
}

}  // namespace headway::shim_test
