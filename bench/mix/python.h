// The Python that runs the members.
#pragma once

#include <string>

namespace headway::bench {

struct PythonFacts {
    std::string program;  // as it is called
    std::string version;
    std::string torch;  // version of its PyTorch
};

// Asks `program`, or if that is "" python3 and then /usr/bin/python3, whether it has a PyTorch that
// sees the device. Blocks for the seconds that importing it takes. Throws
// Failure(kExitBadArguments) if none has.
PythonFacts find_python(const std::string& program, const std::string& device);

}  // namespace headway::bench
