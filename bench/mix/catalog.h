// Where the named workloads and their programs are: beside the libraries, as built and as
// installed.
#pragma once

#include <string>
#include <vector>

namespace headway::bench {

// The folder with NAME.toml and programs/. Throws Failure if it is not there.
std::string mixes_folder();
std::string mix_programs_folder();

// The names of all workloads in alphabetical order. Blocks on the disk. Throws Failure.
std::vector<std::string> mix_names();

// The file of a workload that is called by its name, or of "PATH.toml". Throws
// Failure(kExitBadArguments) for a name that is not known.
std::string find_mix(const std::string& name_or_file);

}  // namespace headway::bench
