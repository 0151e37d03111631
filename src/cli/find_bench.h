// Where the benchmark program is.
#pragma once

#include <string>

namespace headway::cli {

// The path of headway-bench: beside this program or as installed with it, else its name, to be
// looked for in PATH. Thread-safe; asks the file system.
std::string find_bench();

}  // namespace headway::cli
