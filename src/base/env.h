// Environment variables, read once and checked: HEADWAY_* is untrusted text.
#pragma once

#include <cstdint>

namespace headway {

// True if the variable is set to 1, true, yes or on.
bool env_flag(const char* name) noexcept;

enum class EnvNumber { kUnset, kValid, kInvalid };

// Reads a decimal integer in [min, max] into *out, which stays as it is unless kValid is returned.
EnvNumber env_number(const char* name,
                     std::int64_t min,
                     std::int64_t max,
                     std::int64_t* out) noexcept;

// The variable's text, or `fallback` if it is unset or empty. Valid while the environment is
// unchanged.
const char* env_text(const char* name, const char* fallback) noexcept;

}  // namespace headway
