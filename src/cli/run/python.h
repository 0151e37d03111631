// Python programs under `headway run`: PyTorch on the CPU has a gate of its own, which Python
// loads.
#pragma once

namespace headway::cli {

// Puts the folder with our sitecustomize.py in front of PYTHONPATH, where Python looks for a module
// that it imports before the program; once is enough for nested runs. Does nothing if the package
// is not beside this program. Changes the environment of this process.
void prepare_python();

}  // namespace headway::cli
