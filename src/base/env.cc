#include "base/env.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace headway {

const char* env_text(const char* name, const char* fallback) noexcept {
    // Safe as long as nobody calls setenv meanwhile.
    const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr && *text != '\0' ? text : fallback;
}

bool env_flag(const char* name) noexcept {
    const char* text = env_text(name, "");
    for (const char* yes : {"1", "true", "yes", "on"}) {
        if (std::strcmp(text, yes) == 0) return true;
    }
    return false;
}

EnvNumber env_number(const char* name,
                     std::int64_t min,
                     std::int64_t max,
                     std::int64_t* out) noexcept {
    const char* text = env_text(name, nullptr);
    if (text == nullptr) return EnvNumber::kUnset;
    char* end = nullptr;
    errno = 0;
    const long long number = std::strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max) {
        return EnvNumber::kInvalid;
    }
    *out = number;
    return EnvNumber::kValid;
}

}  // namespace headway
