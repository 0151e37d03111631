// Where this project's own libraries lie, relative to its programs.
#pragma once

#include <cstddef>

namespace headway {

// Finds the library `file` beside the running program, as built (../lib) or as installed
// (../lib*/headway), and writes its path to `out`. False: it is in none of these places, or the
// path is longer than `bytes`. Thread-safe; does not block.
bool find_own_library(const char* file, char* out, std::size_t bytes) noexcept;

}  // namespace headway
